"""A small HTTP server for probes and Prometheus: fixed paths, on the address that the configuration names.

The server answers GET only. The size and time of a request's head are limited, and so is the number of connections; no
word of a request is kept, logged or echoed. The server runs on the process's own event loop, so an answer proves that
the loop runs. prometheus_client's own server would prove only that a thread lives; it also opens a thread for every
connection, without limits, and answers any path. There is no TLS and no password: bind the server to this machine or to
a network of probes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, final

from broker.errors import UsageError

MOST_HEAD_BYTES: Final = 4096
MOST_CONNECTIONS: Final = 8
PATIENCE_SECONDS: Final = 10.0  # Prometheus' own scrape timeout: later than this nobody reads the answer
LARGEST_PORT: Final = 65535

JSON: Final = "application/json"
_NOTHING: Final = "text/plain"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The host and port to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def after(self, ports: int) -> Address:
        """Return the address `ports` further on. Raises: UsageError where there is no such port."""
        if self.port + ports > LARGEST_PORT:
            raise UsageError(f"observe: no port {self.port + ports}")
        return Address(host=self.host, port=self.port + ports)


def address_of(text: str) -> Address:
    """Read HOST:PORT. Raises: UsageError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) <= LARGEST_PORT:
        raise UsageError("observe: not HOST:PORT, such as 127.0.0.1:9464")
    return Address(host=host, port=int(port))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The answer of one path."""

    status: HTTPStatus
    kind: str
    body: bytes


Pages = dict[str, Callable[[], Awaitable[Page]]]


@final
class HttpServer:
    """The server. `pages` holds every path; any other is 404."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, address: Address) -> None:
        """Listen. Raises: UsageError where the address is taken or is not this machine's."""
        try:
            self._server = await asyncio.start_server(
                self._talk, address.host, address.port, limit=MOST_HEAD_BYTES, backlog=MOST_CONNECTIONS
            )
        except OSError as fault:
            raise UsageError(f"observe: {address} cannot be listened on ({type(fault).__name__})") from None

    async def close(self) -> None:
        """Stop listening and cancel the requests under way. Safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._talks) >= MOST_CONNECTIONS:
            writer.transport.abort()  # a flood of connections gets no task and no memory
            return
        talk = asyncio.ensure_future(self._answer(reader, writer))
        self._talks.add(talk)
        try:
            await asyncio.wait([talk])
        finally:
            self._talks.discard(talk)
        if talk.cancelled() or talk.exception() is not None:
            # Malformed, oversized or slow: no answer. Nor for an unforeseen fault, whose message may quote a record.
            writer.transport.abort()
        else:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # `drain` then waits until all is sent, so that the time limit also ends a client that reads slowly.
        writer.transport.set_write_buffer_limits(0)
        async with asyncio.timeout(PATIENCE_SECONDS):
            page = await self._page(await reader.readuntil(b"\r\n\r\n"))
            writer.write(_response(page))
            await writer.drain()

    async def _page(self, head: bytes) -> Page:
        method, _, rest = head.partition(b" ")
        if method != b"GET":
            return Page(status=HTTPStatus.METHOD_NOT_ALLOWED, kind=_NOTHING, body=b"")
        path = rest.partition(b" ")[0].decode("latin-1")
        page = self._pages.get(path)
        return await page() if page else Page(status=HTTPStatus.NOT_FOUND, kind=_NOTHING, body=b"")


def _response(page: Page) -> bytes:
    lines = (
        f"HTTP/1.1 {page.status.value} {page.status.phrase}",
        f"Content-Type: {page.kind}",
        f"Content-Length: {len(page.body)}",
        "Cache-Control: no-store",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + page.body
