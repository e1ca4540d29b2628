"""The three paths: GET and nothing else, bounded in size, time and number; no word of a request comes back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest

from broker.errors import UsageError
from broker.runtime.observability import http as scrape
from broker.runtime.observability.http import Address, HttpServer, Page, address_of


async def _alive() -> Page:
    return Page(status=HTTPStatus.OK, kind="text/plain", body=b"alive")


async def _never() -> Page:
    await asyncio.Event().wait()
    raise AssertionError


async def _broken() -> Page:
    raise KeyError("Quillfeather")


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@asynccontextmanager
async def _serving() -> AsyncIterator[Address]:
    address = Address(host="127.0.0.1", port=_free())
    server = HttpServer({"/livez": _alive, "/never": _never, "/broken": _broken})
    await server.start(address)
    try:
        yield address
    finally:
        await server.close()


async def _ask(address: Address, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(sent)
        await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_path_that_there_is_is_answered():
    async with _serving() as address:
        answer = await _ask(address, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nalive")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /livez HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b"405"),
        (b"HEAD /livez HTTP/1.1\r\n\r\n", b"405"),
        (b"GET /Quillfeather HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /livez/../../etc/passwd HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /livez?name=Quillfeather HTTP/1.1\r\n\r\n", b"404"),
        (b"\xff\xfe\r\n\r\n", b"405"),
    ],
)
async def test_anything_else_is_refused_and_not_echoed(sent, status):
    async with _serving() as address:
        answer = await _ask(address, sent)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert answer.endswith(b"\r\n\r\n")
    assert b"Quillfeather" not in answer


async def test_a_head_that_is_too_long_gets_no_answer():
    async with _serving() as address:
        assert await _ask(address, b"GET /livez HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n") == b""


async def test_whoever_never_ends_its_request_is_let_go(monkeypatch):
    monkeypatch.setattr(scrape, "PATIENCE_SECONDS", 0.05)
    async with _serving() as address, asyncio.timeout(10):
        assert await _ask(address, b"GET /livez") == b""


async def test_a_fault_of_a_page_gives_no_answer_and_ends_nothing(caplog):
    """What it says may quote what is held."""
    async with _serving() as address:
        assert await _ask(address, b"GET /broken HTTP/1.1\r\n\r\n") == b""
        assert b"alive" in await _ask(address, b"GET /livez HTTP/1.1\r\n\r\n")
    assert "Quillfeather" not in caplog.text


async def test_connections_are_bounded_and_free_again():
    async with _serving() as address, asyncio.timeout(10):
        talks = [await asyncio.open_connection(address.host, address.port) for _ in range(scrape.MOST_CONNECTIONS)]
        for _, writer in talks:
            writer.write(b"GET /never HTTP/1.1\r\n\r\n")
            await writer.drain()
        await asyncio.sleep(0.1)
        assert await _ask(address, b"GET /livez HTTP/1.1\r\n\r\n") == b""
    async with _serving() as address:
        assert b"alive" in await _ask(address, b"GET /livez HTTP/1.1\r\n\r\n")
    for _, writer in talks:
        writer.close()


async def test_an_address_that_is_taken_stops_the_start():
    async with _serving() as address:
        with pytest.raises(UsageError, match="cannot be listened on"):
            await HttpServer({}).start(address)


@pytest.mark.parametrize("text", ["", "9464", ":9464", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "h:٣", "h:-1"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(UsageError, match="not HOST:PORT"):
        address_of(text)


def test_addresses_are_read_and_counted_on():
    assert str(address_of("127.0.0.1:9464").after(2)) == "127.0.0.1:9466"
    assert str(address_of("[::1]:9464")) == "[::1]:9464"
    with pytest.raises(UsageError, match="no port 65536"):
        address_of("127.0.0.1:65535").after(1)
