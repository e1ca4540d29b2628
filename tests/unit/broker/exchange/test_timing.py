"""Timing: a stage is told to whoever listens, however it ends, and to nobody else."""

from __future__ import annotations

import asyncio

import pytest

from broker.exchange.timing import listening, stage


@stage("gate")
def _gate(fails: bool) -> int:
    """A stage."""
    if fails:
        raise ValueError
    return 7


@pytest.fixture
def told():
    heard: list[str] = []

    def took(name: str, seconds: float) -> None:
        assert seconds >= 0
        heard.append(name)

    with listening(took):
        yield heard


def test_a_stage_does_what_it_did_and_says_that_it_ended(told):
    assert _gate(False) == 7
    assert _gate.__doc__ == "A stage."
    with pytest.raises(ValueError):  # noqa: PT011 nothing else raises here
        _gate(True)
    assert told == ["gate", "gate"], "a stage that fails took its time too"


async def test_tasks_and_threads_of_the_listener_are_heard(told):
    async def look_up() -> None:
        with stage("look_up"):
            await asyncio.sleep(0)

    await asyncio.gather(look_up(), asyncio.to_thread(_gate, False))
    assert sorted(told) == ["gate", "look_up"]


def test_without_a_listener_nothing_is_told():
    heard: list[str] = []
    with listening(lambda name, _: heard.append(name)):
        pass
    assert _gate(False) == 7
    assert heard == []
