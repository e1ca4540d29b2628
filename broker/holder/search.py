"""Search: ask the case system with a deadline. A source that is slow or down hands over to a person; it never stalls.

(1) every person is sought, each within the deadline; (2) only people who are exactly one record are looked up; (3)
what a search covered is known even when nobody was found. Candidates are counted for the audit, never listed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar, final

from broker.errors import RejectedError, UnavailableError
from broker.holder.identify import Known, People, identify
from broker.holder.source import Holdings, PersonSought, RecordSource

DEADLINE = timedelta(seconds=2)

R = TypeVar("R")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who was found, what is held about each, how many candidates there were, and what the search covered."""

    people: People = field(repr=False)
    candidates: dict[str, int]
    held: dict[str, Holdings] = field(repr=False)
    coverage: Holdings = field(repr=False)


async def search(people: tuple[PersonSought, ...], *, source: RecordSource) -> Found:
    """Find and look up everybody sought. Raises: UnavailableError where the source is slow or down."""
    candidates = {person.ref: await _in_time(source.find(person)) for person in people}  # (1)
    identified = identify(people, candidates, chosen={})
    held = {
        outcome.ref: await _in_time(source.look_up(outcome.record_id))  # (2)
        for outcome in identified.outcomes
        if isinstance(outcome, Known) and not outcome.restricted
    }
    return Found(
        people=identified,
        candidates={ref: len(found) for ref, found in candidates.items()},
        held=held,
        coverage=await _in_time(source.coverage()),  # (3)
    )


async def _in_time(asked: Awaitable[R]) -> R:
    try:
        async with asyncio.timeout(DEADLINE.total_seconds()):
            return await asked
    except TimeoutError:
        raise UnavailableError("the record source is slower than its deadline") from None
    except RejectedError as fault:
        raise UnavailableError(f"the record source is unusable: {fault.reason}") from None
