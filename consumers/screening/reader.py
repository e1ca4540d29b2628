"""What `mash summary` reads: the newest summary of one request, off the log, opened as the requester.

Promise: only this request's messages are opened; only what the requester's own screening signed counts; of those the
highest version stands. What does not verify is passed over, and `rejected` says why: a forged one hides no true one.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from broker.errors import RejectedError
from broker.exchange.parse import parse
from broker.exchange.verify import Verifier
from broker.ports import Clock, LogReader, Message
from schemas.summary import Summary, SummaryBody
from schemas.topics import Family, topic_name

MOST_AT_ONCE = 256
AT_ONCE = timedelta(0)


class SummaryReader:
    """A follower of one request's summaries. Its offset is kept, so that asking again reads only new messages."""

    def __init__(self, log: LogReader, *, request_id: str, requester: str, verifier: Verifier, clock: Clock) -> None:
        self._log = log
        self._key = request_id.encode()
        self._verifier = verifier
        self._clock = clock
        self._topic = topic_name(verifier.directory().directory.partnership, Family.SUMMARIES, requester)
        self._offsets: dict[int, int] = {}
        self._newest: SummaryBody | None = None
        self.rejected: tuple[str, ...] = ()
        """Why messages under this request's key did not count, in the order met."""

    async def latest(self, *, wait: timedelta = AT_ONCE) -> SummaryBody | None:
        """Return the newest summary, or None; wait up to `wait` for a newer one.

        Raises: RejectedError `UNKNOWN_TOPIC`, UnavailableError.
        """
        if not self._offsets:
            self._offsets = dict.fromkeys(range(await self._log.partitions(self._topic)), 0)
        await asyncio.gather(*(self._read_on(partition, wait) for partition in tuple(self._offsets)))
        return self._newest

    async def _read_on(self, partition: int, wait: timedelta) -> None:
        while messages := await self._log.read(
            self._topic, partition, offset=self._offsets[partition], most=MOST_AT_ONCE, wait=wait
        ):
            for message in messages:
                self._look_at(message)
            self._offsets[partition] = messages[-1].place.offset + 1
            wait = AT_ONCE

    def _look_at(self, message: Message) -> None:
        if message.key != self._key:
            return
        try:
            verified = self._verifier.verify(parse(message), record=Summary, now=self._clock())
        except RejectedError as error:
            self.rejected = (*self.rejected, error.reason)
            return
        body = verified.record.body
        if self._newest is None or body.version > self._newest.version:
            self._newest = body


async def latest_summary(
    log: LogReader, *, request_id: str, requester: str, verifier: Verifier, clock: Clock
) -> SummaryBody | None:
    """Return the newest valid summary of a request as it stands now; see `SummaryReader` for asking again."""
    reader = SummaryReader(log, request_id=request_id, requester=requester, verifier=verifier, clock=clock)
    return await reader.latest()
