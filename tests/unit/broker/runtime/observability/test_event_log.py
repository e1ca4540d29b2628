"""The observed log: what goes through is unchanged, and told: how transactions end, what is owned, how far behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from broker.adapters.embedded import EmbeddedLog
from broker.errors import Fenced, MashError, OutcomeUnknown, RejectedError, UnavailableError
from broker.ports import Claim, CommittedOffset, Message, Outgoing
from broker.runtime.observability.event_log import TRACE_MALFORMED, ObservedLog

AT_ONCE = timedelta(0)
WORK = "mash.northants.requests.police.v1"


class Told:
    """A meter that remembers."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[str, ...]] = Counter()
        self.alarms: Counter[str] = Counter()

    def count(self, name: str, *words: str, many: int = 1) -> None:
        self.counted[name, *words] += many

    def alarm(self, reason: str, *, many: int = 1) -> None:
        self.alarms[reason] += many

    def show(self, name: str, rows: object) -> None:
        raise AssertionError

    def took(self, stage: str, seconds: float) -> None:
        raise AssertionError

    def text(self) -> bytes:
        raise AssertionError


class Failing(Claim):
    """A claim whose publish and fetch raise."""

    def __init__(self, fault: MashError) -> None:
        self.position = CommittedOffset(offset=0)
        self.fault: MashError | None = fault

    async def fetch(self, *, most: int, wait: timedelta) -> tuple[Message, ...]:
        return ()

    async def publish(self, messages: Sequence[Outgoing], *, position: CommittedOffset) -> None:
        assert self.fault is not None
        raise self.fault

    async def release(self) -> None:
        pass


class Clock:
    """Seconds that a test sets."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def log(tmp_path: Path, told: Told, clock: Clock) -> AsyncIterator[ObservedLog]:
    observed = ObservedLog(EmbeddedLog(tmp_path / "log.sqlite"), told, now=clock)
    await observed.create_topics({WORK: 1, "out": 1})
    yield observed
    await observed.close()


async def _put(log: ObservedLog, *values: bytes, trace: str = "") -> None:
    claim = await log.claim("out", 0, group="writer")
    messages = [Outgoing(topic=WORK, key=b"k", value=value, trace=trace) for value in values]
    await claim.publish(messages, position=CommittedOffset(offset=0))
    await claim.release()


async def _own(log: ObservedLog) -> Claim:
    return await log.claim(WORK, await log.wait_for_assignment(WORK, group="police"), group="police")


async def test_a_message_is_behind_until_its_position_is_committed(log):
    """Read is not answered."""
    await _put(log, b"1", b"2")
    claim = await _own(log)
    assert [message.value for message in await claim.fetch(most=9, wait=AT_ONCE)] == [b"1", b"2"]
    assert await log.lags() == {WORK: 2}
    await claim.publish([], position=CommittedOffset(offset=1))
    assert await log.lags() == {WORK: 1}
    await claim.publish([], position=CommittedOffset(offset=2))
    assert await log.lags() == {WORK: 0}
    await _put(log, b"3")
    assert len(await claim.fetch(most=9, wait=AT_ONCE)) == 1
    assert await log.lags() == {WORK: 1}


async def test_a_follower_is_behind_by_what_it_has_not_read(log, clock):
    await _put(log, b"1", b"2", b"3")
    await log.read(WORK, 0, offset=0, most=1, wait=AT_ONCE)
    assert await log.lags() == {WORK: 2}
    clock.seconds += 60
    assert log.silent() == {WORK: 60}


async def test_a_reader_that_just_found_nothing_is_not_behind_what_only_markers_fill(log, clock):
    """Kafka's own markers stand in the log too; a reader that no longer asks is behind all the same."""
    await log.read(WORK, 0, offset=0, most=1, wait=AT_ONCE)
    await _put(log, b"marker")
    assert await log.lags() == {WORK: 0}
    await _put(log, b"1")
    clock.seconds += 60
    assert await log.lags() == {WORK: 1}


async def test_what_only_writes_owns_nothing(log):
    await _put(log, b"1")
    assert log.owned() == {}
    assert await log.lags() == {}


async def test_a_partition_is_owned_until_it_is_released_or_lost(log):
    claim = await _own(log)
    await claim.fetch(most=1, wait=AT_ONCE)
    assert log.owned() == {WORK: 1}
    await claim.release()
    await claim.release()
    assert log.owned() == {}
    claim = await _own(log)
    await claim.fetch(most=1, wait=AT_ONCE)
    await log.claim(WORK, 0, group="police")  # another instance
    with pytest.raises(Fenced):
        await claim.publish([], position=CommittedOffset(offset=1))
    assert log.owned() == {}
    assert log.silent() == {}, "how far behind it is, its owner tells"


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fenced("x"), "fenced"),
        (OutcomeUnknown("x"), "unknown"),
        (UnavailableError("x"), "aborted"),
        (RejectedError("TOO_LARGE"), "aborted"),
    ],
)
async def test_each_transaction_is_counted_by_how_it_ends(log, told, monkeypatch, fault, outcome):
    async def claim(topic: str, partition: int, *, group: str) -> Claim:
        return Failing(fault)

    monkeypatch.setattr(log._log, "claim", claim)
    failing = await log.claim(WORK, 0, group="g")
    with pytest.raises(type(fault)):
        await failing.publish([], position=CommittedOffset(offset=1))
    assert told.counted == {("mash_transactions_total", outcome): 1}


async def test_a_transaction_that_is_committed_is_counted_once(log, told):
    await _put(log, b"1", b"2")
    assert told.counted == {("mash_transactions_total", "committed"): 1}


async def test_a_malformed_trace_is_counted_and_never_shown(log, told):
    await _put(log, b"1", trace="Quillfeather")
    (found,) = await log.read(WORK, 0, offset=0, most=9, wait=AT_ONCE)
    assert told.alarms == {TRACE_MALFORMED: 1}
    assert "Quillfeather" not in repr(found)
