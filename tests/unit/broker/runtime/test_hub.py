"""The hub's process: ready when its first round came through; it says what it cannot do, and fences no command."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.bootstrap.principal import OpenPrincipal, open_principal, utc_now
from broker.errors import RejectedError, UnavailableError
from broker.partnership.enrolment import Plan, create_home
from broker.partnership.home import Home, open_home, read_signed_directories
from broker.partnership.hub import Hub, open_hub
from broker.partnership.process_files import is_ready
from broker.partnership.profile import load_profile
from broker.ports import EventLog, Outgoing
from broker.runtime import connectivity
from broker.runtime import process as serve
from broker.runtime.roles.hub import HubService
from schemas.vocabulary import Sector

DIRECTORY = "mash.northants.directory.v1"
Line = tuple[str, dict[str, int | str]]


def nothing() -> None:
    """Called when the hub is ready; nobody waits here."""


def old_home(path: Path, *, days: int) -> Home:
    loaded = load_profile("northamptonshire")
    review = {"police": dict(loaded.profile.review)}
    plan = Plan(profile=loaded.profile, files=loaded.files, organisations={"police": Sector.POLICE}, review=review)
    return create_home(path, plan, now=utc_now() - timedelta(days=days))


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[list[Line]]:
    """Run the process of a folder in this one, and give what it says; it is told to stop at the end."""
    lines: list[Line] = []
    principal = open_principal(folder, observe=lambda event, facts: lines.append((event, dict(facts))))
    task = asyncio.create_task(serve._serve(principal, None))
    try:
        yield lines
    finally:
        os.kill(os.getpid(), 15)
        await asyncio.wait([task], timeout=20)
        principal.close()
        task.result()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 a file or a list tells
            await asyncio.sleep(0.01)


def ready(folder: Path) -> Callable[[], bool]:
    return lambda: is_ready(folder, os.getpid())


def said(lines: list[Line], event: str) -> dict[int | str, dict[str, int | str]]:
    return {facts["reason"]: facts for word, facts in lines if word == event}


async def test_its_first_round_makes_topics_renews_and_announces(tmp_path: Path) -> None:
    """A HOME that lay for five days, on a log without a topic."""
    home = old_home(tmp_path / "home", days=5)
    async with running(home.folder("hub")) as lines:
        await until(ready(home.folder("hub")))
        assert ("directory_renewed", {"version": 2}) in lines
        async with open_hub(home) as hub:
            assert await hub.log.end(DIRECTORY, 0) == 2, "both versions are announced"
    assert len(read_signed_directories(home)) == 2


async def test_alone_with_its_folder_it_is_ready_and_says_what_it_cannot_renew(tmp_path: Path) -> None:
    """As in a container: no other folder, and a directory that is due."""
    home = old_home(tmp_path / "home", days=5)
    for name in set(home.principals) - {"hub"}:
        shutil.rmtree(home.path / name)
    async with running(home.path / "hub") as lines:
        await until(ready(home.path / "hub"))
    found = said(lines, "directory_not_renewed")
    assert found["ROOT_OUT_OF_REACH"]["organisation"] == "police"
    assert found["EPOCH_OUT_OF_REACH"]["organisation"] == "hub-audit,hub-screening,police"
    assert all(facts["do"] for facts in found.values())
    assert len(read_signed_directories(home)) == 1


async def test_a_key_file_that_cannot_be_used_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    home = old_home(tmp_path / "home", days=5)
    (home.path / "police" / "keys" / "root.seed").write_bytes(b"short")
    async with running(home.folder("hub")) as lines:
        await until(ready(home.folder("hub")))
    assert "root.seed" in str(said(lines, "directory_not_renewed")["RENEWAL_FAILED"]["do"])


@asynccontextmanager
async def service(home: Path) -> AsyncIterator[HubService]:
    async with open_hub(open_home(home)) as hub:
        yield HubService(hub=hub, stop=asyncio.Event(), ready=nothing)


def store(hub: Hub) -> None:
    """What a command that crashed after its commit leaves behind."""
    outbox = hub.requester.outbox
    with hub.requester.database.transaction() as transaction:
        outbox.put(transaction, outbox.take_sequence(transaction), [Outgoing(topic=DIRECTORY, key=b"k", value=b"v")])


async def test_what_a_command_left_behind_goes_out_at_the_second_look(home: Path) -> None:
    async with service(home) as one, open_hub(open_home(home)) as command:
        store(command)
        await one._left_behind.publish(one.hub.log)
        assert await command.log.end(DIRECTORY, 0) == 0, "it may be in a command's hand"
        await one._left_behind.publish(one.hub.log)
        assert await command.log.end(DIRECTORY, 0) == 1
        assert command.requester.outbox.oldest() is None


class CountedLog:
    """An event log that counts claims."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.claims = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def claim(self, *words: Any, **more: Any) -> Any:
        self.claims += 1
        return await self._log.claim(*words, **more)


async def test_commands_at_work_are_never_fenced_by_the_hub(home: Path) -> None:
    """The hub looks while each has stored and not published: each command claims once, and the hub never."""
    async with service(home) as one:
        looking = CountedLog(one.hub.log)
        looks = replace(one, hub=replace(one.hub, log=looking))
        for number in range(1, 9):
            async with open_hub(open_home(home)) as command:
                counted = CountedLog(command.log)
                store(command)
                await looks._left_behind.publish(looks.hub.log)
                await replace(command, log=counted).drain()
                assert (looking.claims, counted.claims) == (0, 1)
                assert await command.log.end(DIRECTORY, 0) == number


async def test_where_hub_and_command_meet_all_goes_out_once(home: Path) -> None:
    """Both hold a claim from before and drain at once: each fences the other, and the position says what is left."""
    async with service(home) as one, open_hub(open_home(home)) as command:
        for number in range(1, 9):
            store(command)
            await asyncio.gather(one.hub.drain(), command.drain())
            assert await command.log.end(DIRECTORY, 0) == number
            assert command.requester.outbox.waiting() == 0


async def test_a_log_that_is_away_is_waited_for_and_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not ready until a round came through."""
    lines: list[Line] = []
    begun = asyncio.Event()
    async with service(home) as one:
        principal = replace(one.hub.principal, observe=lambda event, facts: lines.append((event, dict(facts))))
        away = CountedLog(one.hub.log)
        tries = 0

        async def create_topics(wanted: dict[str, int]) -> None:
            nonlocal tries
            tries += 1
            assert not begun.is_set()
            if tries < 3:
                raise UnavailableError("away")
            await one.hub.log.create_topics(wanted)

        monkeypatch.setattr(away, "create_topics", create_topics, raising=False)
        hub = replace(one.hub, principal=principal, log=away)
        task = asyncio.create_task(replace(one, hub=hub, ready=begun.set).run())
        await asyncio.wait_for(begun.wait(), 20)
        one.stop.set()
        await task
    assert (tries, said(lines, "hub_waits")) == (3, {"UNAVAILABLE": {"reason": "UNAVAILABLE"}})


async def test_a_process_that_starts_before_the_hub_waits_for_its_topics(tmp_path: Path) -> None:
    """With one line on why, not ready, and without ending."""
    home = old_home(tmp_path / "home", days=0)
    async with running(home.folder("police")) as lines:
        await until(lambda: bool(said(lines, "waits_for_hub")))
        await asyncio.sleep(3 * connectivity.PAUSE_SECONDS)
        assert not ready(home.folder("police"))()
        async with open_hub(home) as hub:
            await hub.create_topics()
        await until(ready(home.folder("police")))
    assert [facts for word, facts in lines if word == "waits_for_hub"] == [{"reason": "UNKNOWN_TOPIC"}]


async def test_a_process_that_waits_stops_when_told(tmp_path: Path) -> None:
    home = old_home(tmp_path / "home", days=0)
    async with running(home.folder("police")) as lines:
        await until(lambda: bool(said(lines, "waits_for_hub")))
    assert [word for word, _ in lines if word in {"ready", "stopped"}] == ["stopped"]


async def test_a_damaged_log_is_no_reason_to_wait(home: Path) -> None:
    principal: OpenPrincipal = open_principal(home / "police", observe=lambda *_: None)
    log = CountedLog(principal.log())

    async def partitions(_: str) -> int:
        raise RejectedError("DATABASE_DAMAGED")

    log.partitions = partitions  # type: ignore[attr-defined]
    try:
        with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
            await connectivity.wait_for_hub(principal, log, asyncio.Event())  # type: ignore[arg-type]
    finally:
        await log.close()
        principal.close()


async def test_a_directory_in_force_is_waited_for_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody here renews it: after a while every message goes to a person, and that must begin."""
    monkeypatch.setattr(connectivity, "RENEWAL_PATIENCE_SECONDS", 0.5)
    home = old_home(tmp_path / "home", days=8)
    async with open_hub(home) as hub:
        await hub.create_topics()
    async with running(home.folder("police")) as lines:
        await until(lambda: bool(said(lines, "waits_for_hub")))
        assert not ready(home.folder("police"))()
        await until(ready(home.folder("police")))
    assert said(lines, "waits_for_hub") == {"DIRECTORY_STALE": {"reason": "DIRECTORY_STALE"}}


async def test_a_process_takes_nothing_up_before_it_holds_the_key_of_this_week(tmp_path: Path) -> None:
    """After weeks, what the hub renews names a key that this process must load first: it ends, and is started again."""
    home = old_home(tmp_path / "home", days=22)
    async with open_hub(home) as hub:
        await hub.create_topics()
    async with running(home.folder("police")) as police:
        await until(lambda: bool(said(police, "waits_for_hub")))
        async with service(home.path) as one:
            one._renew()
        await until(lambda: any(word == "stopped" for word, _ in police))
    words = [word for word, _ in police]
    assert "key_epoch_renewed" in words
    assert "ready" not in words
