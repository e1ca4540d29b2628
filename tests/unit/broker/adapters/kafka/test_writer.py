"""One publish, step by step, on a producer that fails where it is told to."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.errors import InvalidProducerEpoch, KafkaConnectionError, KafkaError, ProducerFenced

from broker.adapters.kafka import writer as module
from broker.adapters.kafka.settings import Settings
from broker.adapters.kafka.writer import Writer
from broker.errors import Fenced, OutcomeUnknown, UnavailableError
from broker.exchange.trace import begun, traced
from broker.ports import CommittedOffset, Outgoing

SETTINGS = Settings(bootstrap="nowhere:1", client_id="test", session=timedelta(seconds=1), security=None)
MESSAGES = [(Outgoing(topic="out", key=b"key", value=b"%d" % number), number) for number in range(2)]
MOVED = CommittedOffset(offset=3, metadata="3")


class Producer:
    """Notes every step; `fails` has what to raise at which step, `hangs` where to wait for ever."""

    def __init__(self, **_: Any) -> None:
        self.steps: list[str] = []
        self.fails: dict[str, BaseException] = {}
        self.hangs = ""
        self.hanging = asyncio.Event()
        self.sent: list[asyncio.Future[None]] = []
        self.headers: list[tuple[str, bytes]] = []

    async def _step(self, name: str) -> None:
        self.steps.append(name)
        if name == self.hangs:
            self.hanging.set()
            await asyncio.Event().wait()
        if name in self.fails:
            raise self.fails[name]

    async def begin_transaction(self) -> None:
        await self._step("begin")

    async def send(
        self, topic: str, value: bytes, *, key: bytes, partition: int, headers: list[tuple[str, bytes]]
    ) -> asyncio.Future[None]:
        await self._step(f"send {partition}")
        self.headers += headers
        self.sent.append(asyncio.ensure_future(self._delivered(partition)))
        return self.sent[-1]

    async def _delivered(self, partition: int) -> None:
        await asyncio.sleep(0.001)
        await self._step(f"delivered {partition}")

    async def send_offsets_to_transaction(self, offsets: Any, group: str) -> None:
        await self._step("position")

    async def commit_transaction(self) -> None:
        await self._step("commit")

    async def abort_transaction(self) -> None:
        await asyncio.wait(self.sent or [asyncio.ensure_future(asyncio.sleep(0))])
        await self._step("abort")


WHOLE = ["begin", "send 0", "send 1", "delivered 0", "delivered 1", "position", "commit"]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> tuple[Writer, Producer]:
    producer = Producer()
    monkeypatch.setattr(module, "AIOKafkaProducer", lambda **_: producer)
    return Writer(SETTINGS, group="g", topic="work", partition=0, commit=module.commit), producer


async def test_every_send_has_been_answered_before_the_position_is_added(made):
    """Otherwise the produce races with the change of the transaction's state and every batch loses 100 ms."""
    writer, producer = made
    await writer.publish(MESSAGES, position=MOVED)
    assert producer.steps == WHOLE


async def test_a_transaction_begins_a_moment_after_the_last_one_ended(made, monkeypatch):
    """One that begins while the last one's markers are being written costs 20 ms more."""
    writer, _ = made
    waited: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await real(0)

    await writer.publish([], position=MOVED)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    await writer.publish([], position=MOVED)
    assert 0.004 < waited[0] <= 0.006


@pytest.mark.parametrize("step", ["begin", "send 1", "delivered 0", "position"])
async def test_a_failure_before_the_commit_is_given_up_and_the_writer_goes_on(made, step):
    writer, producer = made
    producer.fails[step] = KafkaConnectionError("lost")
    with pytest.raises(UnavailableError) as caught:
        await writer.publish(MESSAGES, position=MOVED)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert producer.steps[-1] == "abort"
    assert "commit" not in producer.steps

    producer.fails.clear()
    producer.steps.clear()
    await writer.publish(MESSAGES, position=MOVED)
    assert producer.steps == WHOLE


@pytest.mark.parametrize("step", ["begin", "send 0", "delivered 1", "position"])
async def test_a_fence_before_the_commit_shows_nothing_and_ends_the_writer(made, step):
    writer, producer = made
    producer.fails[step] = ProducerFenced()
    for _ in range(2):
        with pytest.raises(Fenced):
            await writer.publish(MESSAGES, position=MOVED)
    assert "commit" not in producer.steps
    assert "abort" not in producer.steps, "what the new owner has begun is not ours to end"


async def test_a_fence_that_the_client_does_not_know_is_one_too(made):
    writer, producer = made
    producer.fails["position"] = KafkaError("Unexpected error during batch delivery")
    producer.fails["position"].__cause__ = InvalidProducerEpoch()
    with pytest.raises(Fenced):
        await writer.publish(MESSAGES, position=MOVED)


async def test_a_fence_that_shows_in_giving_up_is_one_too(made):
    writer, producer = made
    producer.fails = {"position": KafkaConnectionError("lost"), "abort": ProducerFenced()}
    with pytest.raises(Fenced):
        await writer.publish(MESSAGES, position=MOVED)


@pytest.mark.parametrize(
    "error", [KafkaConnectionError("lost"), KafkaError("?"), AssertionError("state"), TimeoutError()]
)
async def test_a_failure_in_the_commit_is_unknown_and_only_a_new_claim_goes_on(made, error):
    writer, producer = made
    producer.fails["commit"] = error
    with pytest.raises(OutcomeUnknown):
        await writer.publish(MESSAGES, position=MOVED)
    assert "abort" not in producer.steps, "it may have been committed"
    with pytest.raises(UnavailableError):
        await writer.publish(MESSAGES, position=MOVED)


async def test_a_fence_in_the_commit_is_unknown_too(made):
    """The client asks again when an answer is lost: the first question may have been answered with yes."""
    writer, producer = made
    producer.fails["commit"] = ProducerFenced()
    with pytest.raises(OutcomeUnknown):
        await writer.publish(MESSAGES, position=MOVED)
    with pytest.raises(Fenced):
        await writer.publish(MESSAGES, position=MOVED)


@pytest.mark.parametrize("step", ["send 1", "delivered 0", "position", "commit"])
async def test_a_publish_that_is_cut_short_ends_the_writer(made, step):
    """Its transaction is open, and what comes next must not be committed together with it."""
    writer, producer = made
    producer.hangs = step
    task = asyncio.create_task(writer.publish(MESSAGES, position=MOVED))
    await producer.hanging.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    producer.hangs = ""
    with pytest.raises(UnavailableError):
        await writer.publish(MESSAGES, position=MOVED)


async def test_a_broker_that_says_nothing_is_waited_for_no_longer_than_its_transaction(made, monkeypatch):
    writer, producer = made
    monkeypatch.setattr(module, "_SEND_PATIENCE", 0.01)
    monkeypatch.setattr(module, "_ABORT_PATIENCE", 0.01)
    producer.hangs = "position"
    with pytest.raises(UnavailableError):
        await writer.publish(MESSAGES, position=MOVED)
    assert "commit" not in producer.steps


async def test_proving_ownership_commits_nothing(made):
    writer, producer = made
    await writer.prove(MOVED)
    assert producer.steps == ["begin", "position", "abort"]


async def test_proving_finds_a_fence(made):
    writer, producer = made
    producer.fails["position"] = ProducerFenced()
    with pytest.raises(Fenced):
        await writer.prove(MOVED)


async def test_two_publishes_at_once_follow_each_other(made):
    writer, producer = made
    await asyncio.gather(writer.publish(MESSAGES, position=MOVED), writer.publish(MESSAGES, position=MOVED))
    assert producer.steps == WHOLE * 2


async def test_a_trace_is_the_only_header_that_is_sent(made):
    writer, producer = made
    trace = begun()
    await writer.publish([(traced(MESSAGES[0][0], trace), 0), MESSAGES[1]], position=MOVED)
    assert producer.headers == [("traceparent", trace.encode())]
