"""A process from outside: alive, at work, and its numbers; and the reason in a word where it is not at work."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from broker.adapters.embedded import EmbeddedLog
from broker.bootstrap.metrics import open_observed
from broker.bootstrap.principal import OpenPrincipal, utc_now
from broker.config import FILE_NAME, ObserveConfig, load_config, write_config
from broker.errors import UnavailableError, UsageError
from broker.partnership.process_files import is_ready
from broker.ports import Claim
from broker.runtime import connectivity
from broker.runtime import process as serve
from broker.runtime.observability import health
from broker.runtime.observability.health import Health
from broker.runtime.observability.http import Address
from broker.runtime.process import Outside

Ask = Callable[[str], Awaitable[tuple[int, bytes]]]
Meanwhile = Callable[[OpenPrincipal, Ask], Awaitable[None]]
TOPIC = "mash.northants.requests.police.v1"


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def _nothing() -> None:
    return


def observe(
    folder: Path,
    meanwhile: Meanwhile,
    *,
    later: timedelta = timedelta(0),
    before: Callable[[], Awaitable[None]] = _nothing,
) -> None:
    """Run the process of a folder, seen from outside, until `meanwhile` is done; its clock is `later`."""
    principal, meter = open_observed(folder, clock=lambda: utc_now() + later)
    address = Address(host="127.0.0.1", port=_free())

    async def ask(path: str) -> tuple[int, bytes]:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split()[1]), body

    async def run() -> None:
        await before()
        task = asyncio.create_task(serve._serve(principal, None, Outside(meter=meter, address=address)))
        async with asyncio.timeout(20):
            while not _listens(address):  # noqa: ASYNC110 a port tells
                await asyncio.sleep(0.01)
            await meanwhile(principal, ask)
            os.kill(os.getpid(), 15)
            await task

    try:
        asyncio.run(run())
    finally:
        principal.close()


def _listens(address: Address) -> bool:
    with socket.socket() as one:
        return one.connect_ex((address.host, address.port)) == 0


async def _ready(principal: OpenPrincipal) -> None:
    while not is_ready(principal.folder, os.getpid()):  # noqa: ASYNC110 a file tells
        await asyncio.sleep(0.01)


async def _until(ask: Ask, status: int) -> dict[str, object]:
    while True:
        found, body = await ask("/readyz")
        if found == status:
            document = json.loads(body)
            assert isinstance(document, dict)
            return document
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", ["police", "school", "hub", "hub-screening", "hub-audit"])
def test_each_role_is_alive_and_ready_and_shows_its_numbers(home: Path, name: str) -> None:
    async def meanwhile(principal: OpenPrincipal, ask: Ask) -> None:
        await _ready(principal)
        assert await _until(ask, 200) == {"ready": True, "reasons": []}
        assert (await ask("/livez"))[0] == 200
        status, body = await ask("/metrics")
        assert status == 200
        lines = body.decode().splitlines()
        assert f'mash_ready{{principal="{name}"}} 1.0' in lines
        assert not [line for line in lines if line.startswith("mash_not_")], "every part could be read"

    observe(home / name, meanwhile)


def test_the_hub_shows_what_it_has_not_published(home: Path) -> None:
    """It works on no topic, so it has no lag; what a command left in its outbox is its number."""

    async def meanwhile(principal: OpenPrincipal, ask: Ask) -> None:
        await _ready(principal)
        body = (await ask("/metrics"))[1].decode()
        assert 'mash_outbox_messages{principal="hub"} 0.0' in body
        assert 'mash_directory_version{principal="hub"} 1.0' in body
        assert "mash_lag_messages{" not in body

    observe(home / "hub", meanwhile)


def test_with_an_expired_directory_it_is_alive_and_not_ready(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request goes to a person then, and somebody must know."""
    monkeypatch.setattr(connectivity, "RENEWAL_PATIENCE_SECONDS", 0.0)

    async def meanwhile(principal: OpenPrincipal, ask: Ask) -> None:
        await _ready(principal)
        assert (await _until(ask, 503))["reasons"] == ["DIRECTORY_STALE"]
        assert (await ask("/livez"))[0] == 200
        assert (
            'mash_not_ready{principal="hub-audit",reason="DIRECTORY_STALE"} 1.0' in (await ask("/metrics"))[1].decode()
        )

    observe(home / "hub-audit", meanwhile, later=timedelta(days=8))


def test_an_agent_that_owns_nothing_is_alive_and_not_ready(home: Path) -> None:
    """Another instance answers: this one is in reserve, until that one lets go."""
    log = EmbeddedLog(home / "log.sqlite")

    async def hold() -> None:
        held.append(await log.claim(TOPIC, await log.wait_for_assignment(TOPIC, group="police"), group="police"))

    async def meanwhile(principal: OpenPrincipal, ask: Ask) -> None:
        assert (await _until(ask, 503))["reasons"] == ["STARTING", "NO_PARTITION"]
        assert (await ask("/livez"))[0] == 200
        await held[0].release()
        assert (await _until(ask, 200))["reasons"] == []
        await log.close()

    held: list[Claim] = []
    observe(home / "police", meanwhile, before=hold)


def test_what_cannot_be_read_is_missing_and_said_to_be(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that stands still looks like calm."""

    async def meanwhile(principal: OpenPrincipal, ask: Ask) -> None:
        await _ready(principal)
        assert b"mash_unrecorded_messages{" in (await ask("/metrics"))[1]

        def away() -> int:
            raise UnavailableError("the journal is away")

        monkeypatch.setattr(type(principal.journal), "unrecorded", lambda _: away())
        await asyncio.sleep(1.1)  # it is read at most once a second
        body = (await ask("/metrics"))[1].decode()
        assert "mash_unrecorded_messages{" not in body
        assert 'mash_not_sampled{part="journal",principal="police"} 1.0' in body
        assert "mash_lag_messages{" in body, "one part hides none of the others"

    observe(home / "police", meanwhile)


def test_a_watch_that_stands_still_is_not_alive() -> None:
    now = [0.0]
    one = Health(now=lambda: now[0])
    now[0] = health.WATCH_PATIENCE
    assert one.dead() == ()
    now[0] += 0.1
    assert one.dead() == ("WATCH_STOPPED",)
    one.beat()
    assert one.dead() == ()


def test_the_configuration_says_where_unless_the_command_does(home: Path) -> None:
    folder = home / "police"
    assert serve._address(folder, None) is None, "off unless said"
    config = load_config(folder / FILE_NAME)
    write_config(folder / FILE_NAME, config.model_copy(update={"observe": ObserveConfig(listen="127.0.0.1:9464")}))
    assert serve._address(folder, None) == Address(host="127.0.0.1", port=9464)
    assert serve._address(folder, "127.0.0.1:9500") == Address(host="127.0.0.1", port=9500)


def test_an_address_that_nobody_can_have_stops_the_start(home: Path) -> None:
    with pytest.raises(UsageError, match=r"observe: 203\.0\.113\.7:9464 cannot be listened on"):
        serve.serve(home / "police", parent=None, observe="203.0.113.7:9464")
