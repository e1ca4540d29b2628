"""One process: ready only when it owns its partition, ended by a signal, its supervisor's death, or a new key epoch."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from broker.bootstrap.principal import OpenPrincipal, open_principal, utc_now
from broker.errors import UsageError
from broker.exchange.journal import JournalEntry
from broker.exchange.seal import SealedBatch
from broker.exchange.trace import begun, trace_id
from broker.exchange.worker import Delivery
from broker.partnership.home import open_home
from broker.partnership.process_files import is_ready
from broker.partnership.renewal import renew_directory
from broker.ports import LogOffset, Message
from broker.runtime import process as serve
from broker.runtime.roles.holder import observed

Meanwhile = Callable[[OpenPrincipal], Awaitable[None]]


def serving(
    folder: Path, meanwhile: Meanwhile, *, parent: int | None = None, ahead: timedelta = timedelta(0)
) -> list[str]:
    """Run the process of a folder in this one; return what it said, once it has ended by itself."""
    entry: list[str] = []
    principal = open_principal(folder, clock=lambda: utc_now() + ahead, observe=lambda event, _: entry.append(event))

    async def run() -> None:
        task = asyncio.create_task(serve._serve(principal, parent))
        async with asyncio.timeout(20):
            await meanwhile(principal)
            await task

    try:
        asyncio.run(run())
    finally:
        principal.close()
    return entry


async def _ready(principal: OpenPrincipal) -> None:
    while not is_ready(principal.folder, os.getpid()):  # noqa: ASYNC110 a file tells
        await asyncio.sleep(0.01)


def _signalled(number: int) -> Meanwhile:
    async def meanwhile(principal: OpenPrincipal) -> None:
        await _ready(principal)
        os.kill(os.getpid(), number)

    return meanwhile


@pytest.mark.parametrize("name", ["police", "school", "hub", "hub-screening", "hub-audit"])
@pytest.mark.parametrize("number", [2, 15])
def test_each_role_gets_ready_and_stops_when_told(home: Path, name: str, number: int) -> None:
    assert [word for word in serving(home / name, _signalled(number)) if word in {"ready", "stopped"}] == [
        "ready",
        "stopped",
    ]
    assert not (home / name / "ready.json").exists()


def test_an_agent_is_ready_only_when_it_owns_a_partition(home: Path) -> None:
    """While another instance answers everything, this one waits, and says so by not being ready."""

    async def meanwhile(principal: OpenPrincipal) -> None:
        log = principal.log()
        topic = "mash.northants.requests.police.v1"
        group = "police.requests"
        claims = [
            await log.claim(topic, await log.wait_for_assignment(topic, group=group), group=group)
            for _ in range(await log.partitions(topic))
        ]
        task = asyncio.create_task(serve._serve(principal, None))
        await asyncio.sleep(0.6)
        assert not is_ready(principal.folder, os.getpid())
        await claims[0].release()
        await _ready(principal)
        os.kill(os.getpid(), 15)
        await task
        await log.close()

    principal = open_principal(home / "police", observe=lambda *_: None)
    try:
        asyncio.run(meanwhile(principal))
    finally:
        principal.close()


def test_it_ends_when_its_supervisor_is_gone(home: Path) -> None:
    """An agent that nobody watches over must not go on."""

    async def nothing(_: OpenPrincipal) -> None:
        return

    assert "supervisor_gone" in serving(home / "police", nothing, parent=os.getppid() + 1)


def test_it_goes_on_while_its_supervisor_lives(home: Path) -> None:
    entry = serving(home / "police", _signalled(15), parent=os.getppid())
    assert "supervisor_gone" not in entry


def test_it_ends_when_the_directory_names_a_key_that_it_has_not_loaded(home: Path) -> None:
    """The supervisor starts it again, with the new epoch."""

    async def renew(principal: OpenPrincipal) -> None:
        await _ready(principal)
        now = utc_now() + timedelta(days=7)
        assert renew_directory(open_home(home), principal.published, now=now)

    assert "key_epoch_renewed" in serving(home / "police", renew, ahead=timedelta(days=7))


def test_a_key_that_was_lost_before_the_start_does_not_end_it(home: Path) -> None:
    """No restart would bring it back: that would be a loop. The doctor names it."""
    max((home / "police" / "keys").glob("kem-*.seed")).unlink()
    entry = serving(home / "police", _signalled(15))
    assert "ready" in entry
    assert "key_epoch_renewed" not in entry


def test_a_folder_open_to_others_does_not_start(home: Path) -> None:
    (home / "police").chmod(0o755)
    with pytest.raises(UsageError, match="is open to others"):
        serve.serve(home / "police", parent=None)


@pytest.mark.parametrize("reason", [None, "BAD_SIGNATURE"])
def test_one_line_a_message_says_which_event_accounts_for_it_and_never_what_was_found(
    home: Path, reason: str | None
) -> None:
    lines: list[dict[str, object]] = []
    principal = open_principal(home / "police", observe=lambda event, facts: lines.append({"event": event, **facts}))
    place = LogOffset(topic="t", partition=0, offset=3)
    entry = JournalEntry(
        place=place, event_id="e", answer_id="a", answer_digest=b"", stream="s", sequence=9, reason=reason
    )

    async def handle(message: Message, delivery: Delivery) -> SealedBatch:
        return SealedBatch(outgoing=(), entry=entry, status="HELD_WITHHELD", reason="CRIMINAL_INVESTIGATION")

    delivery, trace = Delivery(stream="s", sequence=9, attempts=0, now=utc_now()), begun()
    message = Message(place=place, key=b"k", value=b"v", trace=trace)
    try:
        asyncio.run(_await(observed(principal, handle)(message, delivery)))
    finally:
        principal.close()
    (line,) = lines
    assert set(line) == {"event", "status", "reason", "event_id", "sequence", "offset", "milliseconds", "trace_id"}
    assert (line["status"], line["reason"]) == (("quarantined", reason) if reason else ("ended", ""))
    assert line["trace_id"] == trace_id(trace)


async def _await(awaitable: Awaitable[SealedBatch]) -> SealedBatch:
    return await awaitable
