"""Minimise: from all that is held, keep what the authority allows. It only ever removes; it never adds and never edits.

(1) an unsure or restricted child: nothing at all; (2) EXISTENCE: that something is held, and no more; (3) the item's
class must be permitted; (4) what is about somebody else leaves only for people named in the request (D5); (5) what
the band does not reach, in time or in kind, stays, undated unless flagged; (6) a statutory bar holds; (7) every line,
kept or not, is accounted for.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import final

from broker.exchange.timing import stage
from broker.gate.outcome import Authority
from broker.holder.evidence import Evidence
from broker.holder.identify import Known, NoTrace, Uncertain
from broker.holder.name_matching import same_name
from broker.holder.search import Found
from broker.holder.source import Holding, NameHeld
from schemas.answer import AnswerBody, Item, Judgement, Match, TypeCount
from schemas.request import PersonAsked, RequestCommon
from schemas.vocabulary import Certainty, DataClass, GateOutcome, MatchMethod, Mode, Precision, Status


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One field of one record: released or left out, and why; for the holder only."""

    field: str
    about: str
    type: str
    data_class: DataClass
    released: bool
    reason: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Proof that a body holds only what an authority allows. Nobody has signed it off yet."""

    status: Status
    body: AnswerBody = field(repr=False)
    match: Match
    matches: tuple[Match, ...]
    unsure: bool
    restricted: bool
    candidates: tuple[str, ...]
    found: Found = field(repr=False)
    removed: tuple[TypeCount, ...]
    account: tuple[AccountLine, ...] = field(repr=False)


@stage("minimise")
def minimise(found: Found, *, asked: RequestCommon, authority: Authority, evidence: Evidence, today: date) -> Draft:
    """Cut what was found down to what this authority allows for this request."""
    outcomes = {outcome.ref: outcome for outcome in found.people.outcomes}
    child = subject_of(asked)
    silent = _withheld(outcomes.get(child), evidence)  # (1)
    restricted = {ref for ref, outcome in outcomes.items() if isinstance(outcome, Known) and outcome.restricted}
    lines: list[AccountLine] = []
    items: list[Item] = []
    for ref, holdings in found.held.items():
        for holding in holdings.items:
            reason, about = (silent.value, ref) if silent else _judge(holding, ref, asked, authority, today)
            if reason == RELEASED and holding.location and ref in restricted:
                reason = "RESTRICTED_LOCATION"  # D6: where somebody restricted is never leaves
            lines.append(_line(holding, about, reason))
            if reason == RELEASED:
                items.append(_item(holding, about))
    return Draft(
        status=silent or _status(tuple(outcomes.values()), authority, evidence, found.coverage.gaps),
        body=_body(items, found, authority, evidence, today, silent=silent is not None),
        match=_match(child, outcomes.get(child)),
        matches=tuple(_match(ref, outcome) for ref, outcome in outcomes.items() if ref != child),
        unsure=any(isinstance(outcome, Uncertain) for outcome in outcomes.values()),
        restricted=bool(restricted - set(evidence.chosen)),
        candidates=_candidates(sorted(outcomes.values(), key=lambda outcome: outcome.ref != child)),
        found=found,
        removed=count_types([(line.type, line.data_class) for line in lines if not line.released]),
        account=tuple(lines),
    )


NOBODY = "nobody"
"""Whom the match of a consultation is about: it names no child."""


def subject_of(asked: RequestCommon) -> str:
    """Return the ref of the child whom a request is about; NOBODY in a consultation, which has none."""
    return next((person.ref for person in asked.people if person.is_subject), NOBODY)


RELEASED = "RELEASED"


def _candidates(outcomes: Iterable[Known | NoTrace | Uncertain]) -> tuple[str, ...]:
    """Return whom a practitioner may choose, the child's first: uncertain, restricted, and those chosen before."""
    records: list[str] = []
    for outcome in outcomes:
        if isinstance(outcome, Uncertain):
            records.extend(outcome.candidates)
        elif isinstance(outcome, Known) and (outcome.restricted or outcome.match.method is MatchMethod.CHOSEN):
            records.append(outcome.record_id)
    return tuple(records)


def _withheld(child: Known | NoTrace | Uncertain | None, evidence: Evidence) -> Status | None:
    if isinstance(child, Uncertain):
        return Status.MATCH_UNCERTAIN
    if isinstance(child, Known) and child.restricted and child.ref not in evidence.chosen:
        return Status.HELD_WITHHELD
    return None


def _judge(holding: Holding, ref: str, asked: RequestCommon, authority: Authority, today: date) -> tuple[str, str]:
    """Return RELEASED or the reason a line stays behind, and whom it is about."""
    about = ref
    if ref not in authority.people:
        return "NOT_NAMED_IN_REQUEST", about
    if authority.mode is Mode.EXISTENCE:  # (2)
        return "EXISTENCE_ONLY", about
    if holding.data_class not in authority.data_classes:  # (3)
        return "CLASS_NOT_PERMITTED", about
    if holding.concerns is not None:  # (4)
        named = _named(holding.concerns, asked.people)
        if named is None or named not in authority.people:
            return "NOT_NAMED_IN_REQUEST", about
        about = named
    if (beyond := _beyond(holding, authority, today)) is not None:  # (5)
        return beyond, about
    if holding.statutory_bar:  # (6)
        return "STATUTORY_BAR", about
    return RELEASED, about


def _beyond(holding: Holding, authority: Authority, today: date) -> str | None:
    """Return why the band does not reach this item; None where it does."""
    reaches = partial(authority.reaches, item_type=holding.type, flagged=holding.flagged, today=today)
    if reaches(dated=_last_day(holding)):
        return None
    return "UNDATED" if holding.date is None and reaches(dated=today) else "OUTSIDE_LOOK_BACK"


def _last_day(holding: Holding) -> date | None:
    """Return the last day that an item's date can mean: a month or a year that lies partly within counts as within."""
    day = holding.date
    if day is None or day.day != 1:  # of a school year the last day stands there already
        return day
    if holding.precision is Precision.YEAR and day.month == 1:
        return day.replace(month=12, day=31)
    if holding.precision is Precision.MONTH:
        return day.replace(day=monthrange(day.year, day.month)[1])
    return day


def _named(name: NameHeld, people: tuple[PersonAsked, ...]) -> str | None:
    matching = [
        person.ref
        for person in people
        if same_name(name, NameHeld(given_names=person.given_names, family_name=person.family_name))
    ]
    return matching[0] if len(matching) == 1 else None  # two people of one name: neither


def _line(holding: Holding, about: str, reason: str) -> AccountLine:
    return AccountLine(  # (7)
        field=holding.field,
        about=about,
        type=holding.type,
        data_class=holding.data_class,
        released=reason == RELEASED,
        reason=reason,
    )


def _item(holding: Holding, about: str) -> Item:
    return Item(
        type=holding.type,
        data_class=holding.data_class,
        kind=holding.kind,
        date=holding.date,
        precision=holding.precision,
        text=holding.text,
        about=about,
        source=holding.source,
        source_ref=holding.source_ref,
        recorded_at=holding.recorded_at,
        third_party=holding.third_party,
        location=holding.location,
        dsar_hint=holding.dsar_hint,
        onward=holding.onward,
    )


def _status(
    outcomes: tuple[Known | NoTrace | Uncertain, ...], authority: Authority, evidence: Evidence, gaps: str
) -> Status:
    if all(isinstance(outcome, NoTrace) for outcome in outcomes):
        return Status.PARTIAL if gaps else Status.NO_TRACE  # who was not searched for everywhere may be held
    unsure = any(
        isinstance(outcome, Uncertain) or (isinstance(outcome, Known) and outcome.restricted) for outcome in outcomes
    )
    less = authority.decision.outcome is GateOutcome.PARTIAL or bool(evidence.left_out)
    return Status.PARTIAL if unsure or gaps or less else Status.SUMMARY


def _body(
    items: list[Item], found: Found, authority: Authority, evidence: Evidence, today: date, *, silent: bool
) -> AnswerBody:
    known = any(isinstance(outcome, Known) and not outcome.restricted for outcome in found.people.outcomes)
    return AnswerBody(
        items=tuple(items),
        systems_searched=found.coverage.systems_searched,
        gaps=found.coverage.gaps,
        look_back_from=None if authority.look_back is None else today - authority.look_back,
        known_to_agency=None if silent else known,
        lead_contact=None,
        author=evidence.by if evidence.judgement else None,
        judgement=evidence.judgement or Judgement(),
    )


def _match(ref: str, outcome: Known | NoTrace | Uncertain | None) -> Match:
    if isinstance(outcome, Known | Uncertain):
        return outcome.match
    return Match(about=ref, certainty=Certainty.NONE, method=MatchMethod.NONE, identifiers_used=())


def count_types(pairs: list[tuple[str, DataClass]]) -> tuple[TypeCount, ...]:
    """Return how many there are of each item type and class, in a fixed order."""
    return tuple(
        TypeCount(type=item_type, data_class=data_class, count=count)
        for (item_type, data_class), count in sorted(Counter(pairs).items())
    )
