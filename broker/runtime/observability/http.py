"""Scrape: three fixed paths over HTTP, for probes and for Prometheus, on an address that the configuration names.

It answers GET and nothing else; a request's head is bounded in size and time, and so is the number of connections; no
word of a request is kept, logged or echoed. It runs on the process's own event loop, so that an answer proves that the
loop turns. prometheus_client's own server proves only that a thread lives, takes a thread a connection without limit of
number or time, and answers any path. There is no TLS and no password: bind it to this machine or a network of probes.
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
PATIENCE_SECONDS: Final = 10.0
LARGEST_PORT: Final = 65535

JSON: Final = "application/json"
_NOTHING: Final = "text/plain"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def after(self, ports: int) -> Address:
        """Return the address so many ports on. Raises: UsageError where there is no such port."""
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
    """What one path answers."""

    status: HTTPStatus
    kind: str
    body: bytes


Pages = dict[str, Callable[[], Awaitable[Page]]]


@final
class HttpServer:
    """The server. `pages` is every path that there is."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, address: Address) -> None:
        """Listen. Raises: UsageError where the address cannot be had."""
        try:
            self._server = await asyncio.start_server(
                self._talk, address.host, address.port, limit=MOST_HEAD_BYTES, backlog=MOST_CONNECTIONS
            )
        except OSError as fault:
            raise UsageError(f"observe: {address} cannot be listened on ({type(fault).__name__})") from None

    async def close(self) -> None:
        """Stop listening, and end what is in hand. Safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._talks) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        talk = asyncio.ensure_future(self._answer(reader, writer))
        self._talks.add(talk)
        try:
            await asyncio.wait([talk])
        finally:
            self._talks.discard(talk)
        if talk.cancelled() or talk.exception() is not None:
            # Whoever asks like this gets no answer; and what an unforeseen fault says may quote what is held.
            writer.transport.abort()
        else:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(0)  # drained is sent: nobody keeps us by reading slowly
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
