"""Search: ask the case system with a deadline. A source that is slow or down hands over to a person; it never stalls.

(1) every person is sought, each within the deadline; (2) only people who are exactly one record are looked up, a
restricted one only when a practitioner said so; (3) where a practitioner signed items, those are what is held; (4)
what a search covered is known even when nobody was found. Candidates are counted for the audit, never listed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar, final

from broker.errors import RejectedError, UnavailableError
from broker.exchange.timing import stage
from broker.holder.evidence import BY_HAND, Evidence, as_holding
from broker.holder.identify import Known, People, identify
from broker.holder.identity_claims import IdentityClaims
from broker.holder.source import Candidate, Holdings, NothingToSearch, PersonSought, RecordSource, SourceCondition
from schemas.answer import Item
from schemas.vocabulary import MatchMethod

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


async def search(
    people: tuple[PersonSought, ...], *, source: RecordSource | None, evidence: Evidence, claims: IdentityClaims
) -> Found:
    """Find and look up everybody sought.

    Raises: UnavailableError where the source is slow, down, or nobody's hand; NothingToSearch, unless somebody looked
    by hand.
    """
    try:
        return await _search(people, source=source, evidence=evidence, claims=claims)
    except NothingToSearch:
        if evidence.signed is None:
            raise
        return await _search(people, source=None, evidence=evidence, claims=claims)


async def _search(
    people: tuple[PersonSought, ...], *, source: RecordSource | None, evidence: Evidence, claims: IdentityClaims
) -> Found:
    records = source or _by_hand(evidence)
    chosen = evidence.chosen if source else dict.fromkeys(_answered_about(evidence), BY_HAND)
    with stage("find"):
        candidates = {person.ref: await _in_time(records.find(person)) for person in people}  # (1)
    doubted = claims.doubted(people, candidates)
    identified = identify(people, candidates, chosen=chosen, doubted=doubted)
    _remember(people, identified, claims)
    with stage("look_up"):
        coverage = await _in_time(records.coverage())  # (4)
        held = await _held(identified, records, evidence, coverage)
    return Found(
        people=identified,
        candidates={ref: len(found) for ref, found in candidates.items()},
        held=held,
        coverage=coverage,
    )


def _remember(people: tuple[PersonSought, ...], identified: People, claims: IdentityClaims) -> None:
    for person in people:
        outcome = identified.of(person.ref)
        if isinstance(outcome, Known) and outcome.match.method is MatchMethod.VERIFIED_IDENTIFIER:
            claims.remember(person, outcome.record_id)


async def _held(people: People, records: RecordSource, evidence: Evidence, coverage: Holdings) -> dict[str, Holdings]:
    if evidence.signed is not None:  # (3)
        return {ref: _signed(ref, evidence.signed, coverage) for ref in _answered_about(evidence)}
    return {
        outcome.ref: await _in_time(records.look_up(outcome.record_id))  # (2)
        for outcome in people.outcomes
        if isinstance(outcome, Known) and (outcome.ref in evidence.chosen or not outcome.restricted)
    }


def _answered_about(evidence: Evidence) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*evidence.chosen, *(item.about for item in evidence.signed or ()))))


def _signed(ref: str, items: tuple[Item, ...], coverage: Holdings) -> Holdings:
    return Holdings(
        items=tuple(as_holding(index, item) for index, item in enumerate(items) if item.about == ref),
        data_as_at=coverage.data_as_at,
        systems_searched=coverage.systems_searched,
        gaps=coverage.gaps,
        ignored_fields=(),
    )


def _by_hand(evidence: Evidence) -> RecordSource:
    if evidence.signed is None:
        raise UnavailableError("this organisation answers by hand")
    return _AnsweredByHand(_answered_about(evidence))


@final
class _AnsweredByHand:
    """The practitioner as a record source: knows the people they answered about, and nobody else."""

    def __init__(self, known: tuple[str, ...]) -> None:
        self._known = known

    async def find(self, person: PersonSought) -> tuple[Candidate, ...]:
        if person.ref not in self._known:
            return ()
        return (
            Candidate(
                record_id=BY_HAND,
                names=(person.name,),
                dates_of_birth=(person.date_of_birth,) if person.date_of_birth else (),
                sexes=(),
                postcodes=(),
                identifiers=(),
                restricted=False,
            ),
        )

    async def look_up(self, record_id: str) -> Holdings:
        return await self.coverage()

    async def condition(self) -> SourceCondition:
        return SourceCondition(reason=None, states={}, as_at=None)

    async def coverage(self) -> Holdings:
        return Holdings(items=(), data_as_at=None, systems_searched=("by hand",), gaps="", ignored_fields=())


async def _in_time(asked: Awaitable[R]) -> R:
    try:
        async with asyncio.timeout(DEADLINE.total_seconds()):
            return await asked
    except TimeoutError:
        raise UnavailableError("the record source is slower than its deadline") from None
    except RejectedError as fault:
        raise UnavailableError(f"the record source is unusable: {fault.reason}") from None
