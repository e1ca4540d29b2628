"""Topics and committed positions: requests to the cluster rather than to a partition's leader.

Promise: an unknown topic is RejectedError; a committed position is returned only when no commit of it is in flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    InvalidTopicError,
    NoError,
    NotCoordinatorForGroupError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)

from broker.adapters.kafka.faults import FAULTS, unavailable
from broker.adapters.kafka.settings import Settings
from broker.adapters.kafka.stable_offsets import UNSTABLE, StablePosition, answer
from broker.errors import NotAllowed, RejectedError, UnavailableError, UsageError
from broker.ports import CommittedOffset
from schemas.topics import COPIES, family_of, topic_configuration

_PAUSE_SECONDS: Final = 0.01
"""Between two requests: a transaction's markers are written within milliseconds."""
_OTHERS_SECONDS: Final = 0.5
"""The time to find a live broker: each refused connection moves the client to the next broker of the list."""
_PATIENCE_SECONDS: Final = 10.0
"""Twice the transaction timeout: by then the coordinator has ended a dead client's transaction, or is itself down."""
_ASK_AGAIN: Final = frozenset(
    {
        UNSTABLE,
        GroupLoadInProgressError.errno,
        GroupCoordinatorNotAvailableError.errno,
        NotCoordinatorForGroupError.errno,
    }
)

T = TypeVar("T")


class _Client(AIOKafkaAdminClient):  # type: ignore[misc] # aiokafka has no types
    """aiokafka's admin client with the one request that it lacks."""

    async def position(self, group: str, topic: str, partition: int) -> tuple[int, int, str]:
        coordinator = await self.find_coordinator(group)
        return answer(await self._send_request(StablePosition(group, topic, partition), coordinator))


class Admin:
    """One instance's administrative requests, on one connection that the first request opens."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: _Client | None = None
        self._starting = asyncio.Lock()
        self._known: dict[str, int] = {}
        self._closed = False

    async def partitions(self, topic: str) -> int:
        """Return the number of partitions. Raises: RejectedError `UNKNOWN_TOPIC`, NotAllowed, UnavailableError."""
        if topic not in self._known:
            # Kept for good: Kafka never removes a partition, and nothing here adds one, as keys would move.
            self._known |= await self._described([topic])
        if topic not in self._known:
            raise RejectedError("UNKNOWN_TOPIC", topic)
        return self._known[topic]

    async def check(self, topic: str, partition: int) -> None:
        """Check that the partition exists. Raises: RejectedError `UNKNOWN_TOPIC`, NotAllowed, UnavailableError."""
        if not 0 <= partition < await self.partitions(topic):
            raise RejectedError("UNKNOWN_TOPIC", f"{topic} has no partition {partition}")

    async def create_topics(self, partitions: Mapping[str, int]) -> None:
        """Create the missing topics. Raises: UsageError for another number of partitions, UnavailableError."""
        for topic, wanted in partitions.items():
            if wanted < 1:
                raise UsageError(f"topic {topic} needs at least one partition")
        there = await self._described(list(partitions))
        missing = {topic: wanted for topic, wanted in partitions.items() if topic not in there}
        if missing:
            await self._create(missing)
            there |= await self._created(list(missing))
        for topic, wanted in partitions.items():
            if there[topic] != wanted:
                # Keys would move to other partitions, and a key's messages would lose their order.
                raise UsageError(f"topic {topic} has {there[topic]} partitions, not {wanted}")

    async def committed(self, topic: str, partition: int, *, group: str) -> CommittedOffset:
        """Return a group's committed position once no commit of it is in flight. Raises: UnavailableError."""
        deadline = _now() + _PATIENCE_SECONDS
        while True:
            code, offset, metadata = await self._ask(lambda client: client.position(group, topic, partition))
            if code == NoError.errno:
                return CommittedOffset(offset=0) if offset < 0 else CommittedOffset(offset=offset, metadata=metadata)
            if code not in _ASK_AGAIN or _now() > deadline:
                why = "a commit that does not end" if code == UNSTABLE else for_code(code).__name__
                raise UnavailableError(f"no position for {group} on {topic} ({why})")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def close(self) -> None:
        """Close the connection. Safe to call twice."""
        self._closed = True
        async with self._starting:
            client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _described(self, topics: list[str]) -> dict[str, int]:
        if not topics:
            return {}
        counts = {}
        for topic in await self._ask(lambda client: client.describe_topics(topics)):
            error = for_code(topic["error_code"])
            if error is NoError:
                counts[topic["topic"]] = len(topic["partitions"])
            elif error is TopicAuthorizationFailedError:
                raise NotAllowed(f"topic {topic['topic']}: the brokers do not allow it ({error.__name__})")
            elif error not in (UnknownTopicOrPartitionError, InvalidTopicError):
                raise UnavailableError(f"topic {topic['topic']} cannot be described ({error.__name__})")
        return counts

    async def _create(self, missing: Mapping[str, int]) -> None:
        cluster = await self._ask(lambda client: client.describe_cluster())
        copies = min(COPIES, len(cluster["brokers"]))
        topics = [
            NewTopic(topic, count, copies, topic_configs=topic_configuration(family_of(topic), copies=copies))
            for topic, count in missing.items()
        ]
        response = await self._ask(lambda client: client.create_topics(topics))
        for topic, code, _ in response.topic_errors:
            error = for_code(code)
            if error not in (NoError, TopicAlreadyExistsError):  # another instance created it first
                raise UnavailableError(f"topic {topic} cannot be created ({error.__name__})")

    async def _created(self, topics: list[str]) -> dict[str, int]:
        """Wait until the created topics appear in the brokers' metadata, which lags behind the controller."""
        deadline = _now() + _PATIENCE_SECONDS
        while len(there := await self._described(topics)) < len(topics):
            if _now() > deadline:
                raise UnavailableError("the brokers do not show a topic that they have created")
            await asyncio.sleep(_PAUSE_SECONDS)
        return there

    async def _ask(self, question: Callable[[_Client], Awaitable[T]]) -> T:
        """Send a request to any broker, and to the next one while brokers are down."""
        deadline = _now() + _OTHERS_SECONDS
        while True:
            if self._closed:
                raise UnavailableError("the event log is closed")
            try:
                return await question(await self._started())
            except FAULTS as error:
                if _now() > deadline:
                    raise unavailable(error) from error
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _started(self) -> _Client:
        async with self._starting:
            if self._client is None:
                client = _Client(**self._settings.common())
                try:
                    await client.start()
                except BaseException:
                    await client.close()
                    raise
                self._client = client
        return self._client


def _now() -> float:
    return asyncio.get_running_loop().time()
