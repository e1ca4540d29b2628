"""`mash ledger`: what is checked, with and without a HOME, and that tampering is 1 with a document."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.bootstrap.principal import open_principal
from broker.cli.demo.tamper import flip, tampered_bundle, tampered_ledger
from broker.partnership.home import open_home
from broker.partnership.hub import open_hub
from broker.runtime.roles.audit import audit_service

CHECKPOINTS = "mash.northants.checkpoints.v1"
Form = Callable[..., Path]


def _recorded(home: Path) -> None:
    """Announce the directory, as `mash up` does, let the audit service record what is on its topic, and stop."""

    async def announce() -> None:
        async with open_hub(open_home(home)) as hub:
            await hub.publish()

    asyncio.run(announce())
    principal = open_principal(home / "hub-audit")

    async def record() -> None:
        stop = asyncio.Event()
        log = principal.log()
        service = audit_service(principal, log, stop)
        task = asyncio.create_task(service.run())
        try:
            found = await log.read(CHECKPOINTS, 0, offset=0, most=1, wait=timedelta(seconds=20))
            assert found
            stop.set()
            await task
        finally:
            await log.close()

    try:
        asyncio.run(record())
    finally:
        principal.close()


@pytest.fixture
def recorded(mash: Any, home: Path, form: Form) -> Path:
    """A HOME whose ledger holds the announcement and one request."""
    mash("request", home, "--file", form())
    _recorded(home)
    return home


def test_a_sound_ledger_is_verified(mash: Any, recorded: Path) -> None:
    ran = mash("ledger", "verify", recorded, "--json")
    assert ran.code == 0
    document = ran.document
    assert (document["size"], document["verified"], document["problems"]) == (2, True, [])
    assert len(document["root"]) == 64
    assert ran.err == ""


def test_verifying_leaves_no_event(mash: Any, recorded: Path) -> None:
    """Who checks must not change what is checked."""
    first = mash("ledger", "verify", recorded, "--json").document
    _ = mash("ledger", "export", recorded, recorded / "b.bundle")
    assert mash("ledger", "verify", recorded, "--json").document == first


def test_a_bundle_is_verified_without_a_home(mash: Any, recorded: Path, tmp_path: Path) -> None:
    """A stranger has the file only, and is told which root keys to compare."""
    bundle = tmp_path / "b.bundle"
    ran = mash("ledger", "export", recorded, bundle, "--json")
    assert (ran.code, ran.document["verified"], ran.document["file"]) == (0, True, str(bundle))
    alone = mash("ledger", "verify", "--bundle", bundle, "--json")
    assert alone.code == 0
    assert alone.document["root"] == ran.document["root"]
    assert sum("root key of" in note for note in alone.document["notes"]) == 2
    assert mash("ledger", "verify", recorded, "--bundle", bundle, "--json").code == 0


def test_a_bundle_of_other_roots_is_found_out_by_a_home(mash: Any, recorded: Path, tmp_path: Path, form: Form) -> None:
    """A bundle that carries its forger's roots is sound in itself: a HOME knows better."""
    mash("init", tmp_path / "forger", "--org", "police=POLICE")
    _recorded(tmp_path / "forger")
    bundle = tmp_path / "forged.bundle"
    mash("ledger", "export", tmp_path / "forger", bundle)
    assert mash("ledger", "verify", "--bundle", bundle).code == 0
    ran = mash("ledger", "verify", recorded, "--bundle", bundle, "--json")
    assert (ran.code, ran.document["verified"]) == (1, False)


def test_a_changed_byte_is_1_with_a_document(mash: Any, recorded: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "b.bundle"
    mash("ledger", "export", recorded, bundle)
    for offset in (0, bundle.stat().st_size // 3, bundle.stat().st_size - 1):
        flip(bundle, offset)
        ran = mash("ledger", "verify", "--bundle", bundle, "--json")
        assert (ran.code, ran.document["verified"]) == (1, False)
        assert ran.document["problems"]
        flip(bundle, offset)
    assert mash("ledger", "verify", "--bundle", bundle).code == 0


def test_the_demonstrations_forger_is_found_out(recorded: Path, mash: Any, tmp_path: Path) -> None:
    bundle = tmp_path / "b.bundle"
    mash("ledger", "export", recorded, bundle)
    assert not tampered_bundle(bundle, tmp_path).verified
    assert not tampered_ledger(open_home(recorded), bundle, tmp_path).verified
    assert mash("ledger", "verify", recorded).code == 0, "only the copies were changed"


def test_what_is_no_bundle_is_1_and_what_is_not_there_is_2(mash: Any, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no bundle")
    ran = mash("ledger", "verify", "--bundle", tmp_path / "x", "--json")
    assert (ran.code, ran.document["problems"][0]["kind"]) == (1, "ALTERED_BUNDLE")
    assert mash("ledger", "verify", "--bundle", tmp_path / "nope").code == 2


def test_an_empty_ledger_cannot_be_exported(mash: Any, home: Path, tmp_path: Path) -> None:
    assert "the ledger is empty" in mash("ledger", "export", home, tmp_path / "b").error


def test_a_damaged_event_log_is_a_problem_of_the_check(mash: Any, recorded: Path) -> None:
    """The ledger cannot be compared with what the log holds: that is no clean bill."""
    for suffix in ("-wal", "-shm"):
        (recorded / f"log.sqlite{suffix}").unlink(missing_ok=True)
    size = os.path.getsize(recorded / "log.sqlite")
    (recorded / "log.sqlite").write_bytes(os.urandom(size))
    ran = mash("ledger", "verify", recorded, "--json")
    assert (ran.code, ran.document["verified"]) == (1, False)
    assert ran.document["problems"][-1]["kind"] == "DAMAGED"


def test_people_see_the_finding(mash: Any, recorded: Path, tmp_path: Path) -> None:
    assert "verified" in mash("ledger", "verify", recorded).out
    bundle = tmp_path / "b.bundle"
    mash("ledger", "export", recorded, bundle)
    flip(bundle, 3)
    ran = mash("ledger", "verify", "--bundle", bundle)
    assert "NOT VERIFIED" in ran.out
    assert "ALTERED_BUNDLE" in ran.out
