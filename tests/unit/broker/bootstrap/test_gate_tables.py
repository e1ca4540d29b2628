"""A gate decides by the tables that its directory pins, and by no others: it does not start, or it decides nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.bootstrap import gate_tables
from broker.bootstrap.holder import build_holder
from broker.bootstrap.principal import OpenPrincipal, open_principal
from broker.bootstrap.requester import build_requester
from broker.config import FILE_NAME, load_config, write_config
from broker.errors import UnavailableError, UsageError
from broker.exchange.public_file import PublicFile
from broker.exchange.worker import Delivery
from broker.partnership import enrolment
from broker.partnership.home import DIRECTORY_FOLDER, Home, open_home
from broker.partnership.process_files import is_ready
from broker.partnership.renewal import renew_directory
from broker.runtime import process
from tests.packaged_tables import LAW, PROTOCOL, changed, northamptonshire

Form = Callable[..., Path]
OTHER = changed(PROTOCOL, 'version = "northamptonshire-2026-11.2"', 'version = "northamptonshire-2026-12.1"')
PINNED = (PublicFile.PROFILE, PublicFile.PROTOCOL, PublicFile.LAW)
GATES = ("hub", "police", "school")


@contextmanager
def opened(home: Path, name: str, **how: Any) -> Iterator[OpenPrincipal]:
    principal = open_principal(home / name, **how)
    try:
        yield principal
    finally:
        principal.close()


def public_copy(home: Path, name: str) -> Path:
    """Give one organisation its own copy of the public folder, as it has it in production."""
    copy = Path(shutil.copytree(home / DIRECTORY_FOLDER, home / name / DIRECTORY_FOLDER))
    config = load_config(home / name / FILE_NAME)
    own = config.directory.model_copy(update={"folder": DIRECTORY_FOLDER})
    write_config(home / name / FILE_NAME, config.model_copy(update={"directory": own}))
    return copy


def change_one_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)


def repin(home: Home, protocol: bytes) -> None:
    """Sign the next version of the directory, with another protocol."""
    with opened(home.path, "hub") as hub:
        current = hub.published.current()
    PublicFile.PROTOCOL.write(home.directory_folder, protocol)
    pins = {"protocol_digest": PublicFile.PROTOCOL.digest(protocol), "previous_digest": current.digest}
    following = current.directory.model_copy(update={"version": current.directory.version + 1, **pins})
    enrolment.publish_directory(home, following, roots=tuple(home.config("hub").directory.roots))


async def until_ready(principal: OpenPrincipal) -> None:
    while not is_ready(principal.folder, os.getpid()):  # noqa: ASYNC110 a file tells
        await asyncio.sleep(0.01)


def starts(home: Path, name: str) -> bool:
    """Say whether a process starts; it ends by itself, for nobody supervises it."""
    return process.serve(home / name, parent=os.getppid() + 1) == 0


# ---------------------------------------------------------------- the start


@pytest.mark.parametrize("name", GATES)
def test_each_gate_loads_what_the_directory_pins(home: Path, name: str) -> None:
    with opened(home, name) as principal:
        assert principal.tables.current() == northamptonshire()


@pytest.mark.parametrize("file", PINNED)
def test_one_byte_of_one_copy_keeps_that_organisation_alone_from_starting(
    mash: Any, home: Path, file: PublicFile
) -> None:
    """One sentence names the file; the doctor says the same, and looks at the others too."""
    (path,) = public_copy(home, "police").glob(f"{file}-*.toml")
    change_one_byte(path)
    ran = mash("run", home / "police")
    assert ran.code == 2
    sentence = (
        f"{path}: was changed and is not the {file} that version 1 of the directory pins:"
        " copy it from the public folder of another organisation"
    )
    assert ran.error == f"mash: {sentence}"
    for name in ("school", "hub-screening", "hub-audit"):
        assert starts(home, name)
    doctor = mash("doctor", home, "--json")
    assert doctor.code == 1
    assert [one["what"] for one in doctor.document["findings"]] == [f"police cannot start: {sentence}"]


@pytest.mark.parametrize("file", PINNED)
def test_a_file_that_is_missing_is_named(home: Path, file: PublicFile) -> None:
    (path,) = (home / DIRECTORY_FOLDER).glob(f"{file}-*.toml")
    path.unlink()
    with opened(home, "police") as police, pytest.raises(UsageError) as caught:
        police.tables.current()
    assert str(caught.value).startswith(f"{path}: no such file or directory; it is the {file} that version 1")


def test_another_protocol_under_the_pinned_name_is_refused(home: Path) -> None:
    """It loads, and would decide: only its digest tells that nobody agreed to it."""
    (path,) = (home / DIRECTORY_FOLDER).glob("protocol-*.toml")
    path.write_bytes(OTHER)
    with opened(home, "police") as police, pytest.raises(UsageError, match="was changed and is not the protocol"):
        police.tables.current()


def test_an_installation_with_another_law_does_not_start(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_tables, "packaged_law", lambda: LAW + b"# another release\n")
    with pytest.raises(UsageError, match=r"law\.toml: this installation's law is not the one that version 1"):
        process.serve(home / "police", parent=None)


def test_who_has_no_gate_needs_no_tables(home: Path) -> None:
    """What was asked and answered is still accounted for and joined."""
    for path in (home / DIRECTORY_FOLDER).glob("*.toml"):
        path.unlink()
    for name in ("hub-screening", "hub-audit"):
        assert starts(home, name)


def test_a_summary_can_still_be_read_without_tables(mash: Any, home: Path, form: Form) -> None:
    """Nothing is decided by looking; asking is refused."""
    for path in (home / DIRECTORY_FOLDER).glob("protocol-*.toml"):
        change_one_byte(path)
    assert "protocol that version 1 of the directory pins" in mash("request", home, "--file", form()).err
    ran = mash("summary", home, "01980000-0000-7000-8000-000000000001")
    assert "protocol" not in ran.err


# ---------------------------------------------------------------- while it runs


def test_a_process_ends_once_the_directory_pins_other_tables(home: Path) -> None:
    """Its supervisor starts it again, with the new ones."""
    said: list[str] = []

    async def run(principal: OpenPrincipal) -> None:
        task = asyncio.create_task(process._serve(principal, None))
        async with asyncio.timeout(20):
            await until_ready(principal)
            repin(open_home(home), OTHER)
            await task

    with opened(home, "police", observe=lambda event, _: said.append(event)) as police:
        asyncio.run(run(police))
    assert "tables_replaced" in said
    with opened(home, "police") as police:
        assert police.tables.current() == northamptonshire(protocol=OTHER)


def test_a_renewed_directory_with_the_same_tables_ends_nothing(home: Path) -> None:
    with opened(home, "police") as police:
        before = police.tables.current()
        repin(open_home(home), PROTOCOL)
        assert police.published.current().directory.version == 2
        assert police.tables.current() == before


def test_a_renewal_carries_the_pins_on(home: Path) -> None:
    with opened(home, "hub") as hub:
        before = hub.published.current()
        assert renew_directory(open_home(home), hub.published, now=hub.clock() + timedelta(days=7))
        after = hub.published.current().directory
        assert after.version == 2
        assert [file.pinned(after) for file in PINNED] == [file.pinned(before.directory) for file in PINNED]


def test_a_process_at_work_decides_nothing_by_tables_that_were_replaced(mash: Any, home: Path, form: Form) -> None:
    """Between the new version and its end a request waits: the message is neither answered nor counted as poison."""
    path = form()
    mash("request", home, "--file", path)

    async def answer(police: OpenPrincipal) -> None:
        log, pipeline = police.log(), build_holder(police)
        try:
            claim = await log.claim("mash.northants.requests.police.v1", 0, group="police.requests")
            messages = await claim.fetch(most=10, wait=timedelta(seconds=5))
            if not messages:
                claim = await log.claim("mash.northants.requests.police.v1", 1, group="police.requests")
                messages = await claim.fetch(most=10, wait=timedelta(seconds=5))
            delivery = Delivery(stream="police.0", sequence=1, attempts=0, now=police.clock())
            with pytest.raises(UnavailableError, match="pins other tables"):
                await pipeline.end(messages[0], delivery)
        finally:
            await log.close()

    with opened(home, "police") as police, opened(home, "hub") as hub:
        for principal in (police, hub):
            principal.tables.current()
        repin(open_home(home), OTHER)
        asyncio.run(answer(police))
        with pytest.raises(UnavailableError, match="pins other tables"):
            build_requester(hub).explain(path.read_bytes(), now=hub.clock())
