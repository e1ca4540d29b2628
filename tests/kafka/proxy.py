"""A proxy between an agent and one node of a cluster, that can be told to misbehave as networks do.

`cut` ends what is connected and lets nobody in. `hold` lets connections stand and new ones in, and passes nothing on,
in one direction or both: what a partition, a dead route or a half-open connection looks like from either end. `heal`
lets pass what was held, as TCP does when it sends again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

LOOPBACK = "127.0.0.1"
TO_NODE, TO_AGENT = "to the node", "to the agent"


class Proxy:
    """Listens on one port and passes everything on to another one, until told otherwise."""

    def __init__(self, *, port: int, target: int) -> None:
        self._port = port
        self._target = target
        self._held: frozenset[str] = frozenset()
        self._delay = 0.0
        self._cut = False
        self._healed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Let clients in."""
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self._port)

    def cut(self) -> None:
        """End every connection, and each new one at once."""
        self._cut = True
        for writer in self._writers:
            writer.transport.abort()

    def hold(self, *directions: str) -> None:
        """Pass nothing on in these directions; both where none is named."""
        self._held = frozenset(directions or (TO_NODE, TO_AGENT))
        self._healed.clear()

    def delay(self, seconds: float) -> None:
        """Pass everything on so much later."""
        self._delay = seconds

    def heal(self) -> None:
        """Behave."""
        self._cut, self._held, self._delay = False, frozenset(), 0.0
        self._healed.set()

    async def close(self) -> None:
        """End everything."""
        self.cut()
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._server is not None:
            await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        with suppress(OSError, asyncio.CancelledError):
            if not self._cut:
                await self._connect(reader, writer)
        writer.transport.abort()
        self._writers.discard(writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target)
        self._writers.add(far_writer)
        pumps = [
            asyncio.create_task(self._pump(reader, far_writer, TO_NODE)),
            asyncio.create_task(self._pump(far_reader, writer, TO_AGENT)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.wait(pumps)
            far_writer.transport.abort()
            self._writers.discard(far_writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: str) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                if self._delay:
                    await asyncio.sleep(self._delay)
                while direction in self._held:
                    await self._healed.wait()
                writer.write(data)
                await writer.drain()
