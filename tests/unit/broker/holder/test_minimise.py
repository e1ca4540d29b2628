"""Minimise only removes, and each reason for removing has a test that fails without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from broker.gate.context import Side
from broker.gate.engine import gate
from broker.gate.outcome import Authority, TypeReach
from broker.holder.evidence import Evidence
from broker.holder.identify import identify
from broker.holder.minimise import minimise
from broker.holder.receive import sought
from broker.holder.search import Found
from broker.holder.source import NameHeld
from schemas.decision import GateDecision
from schemas.vocabulary import DataClass, GateOutcome, Mode, Precision, ReviewPolicy, Status

TODAY = date(2026, 11, 23)
MOTHER = {
    "ref": "p2",
    "roles": ["PARENT"],
    "given_names": ["Alex"],
    "family_name": "Testerton",
    "date_of_birth": "1990-01-02",
    "relation_to_child": "BIRTH_MOTHER",
    "why_needed": "lives with the child",
}


@pytest.fixture
def cut(desk, candidate):
    """Minimise these holdings of the child under the authority that the real gate gives this request."""

    async def cut_down(*holdings, third_party=False, authority=None, mode="CONTENT", restricted=False):
        child = desk.partnership.request().common.people[0].model_dump(mode="json", exclude_none=True)
        changes = {"mode": mode}
        if third_party:
            changes["people"] = [{**child, "identifiers": {"nhs": "9990000018"}}, MOTHER]
            changes["data_classes"] = ["ORDINARY", "CRIMINAL", "THIRD_PARTY"]
        request = desk.partnership.request(**changes)
        allowed = gate(
            request.common,
            context=desk.partnership.context(Side.HOLDER),
            tables=desk.partnership.tables,
            now=desk.partnership.now,
            judged_by=None,
        )
        assert isinstance(allowed, Authority)
        people = sought(request, allowed.people)
        candidates = {person.ref: () for person in people} | {"p1": (candidate(restricted=restricted),)}
        desk.source.held["r1"] = holdings
        found = Found(
            people=identify(people, candidates, chosen={}),
            candidates={"p1": 1},
            held={"p1": await desk.source.look_up("r1")},
            coverage=await desk.source.coverage(),
        )
        return minimise(found, asked=request.common, authority=authority or allowed, evidence=Evidence(), today=TODAY)

    return cut_down


def _reasons(draft):
    return [line.reason for line in draft.account]


async def test_a_permitted_item_leaves_unchanged(cut, holding):
    held = holding()
    draft = await cut(held)
    item = draft.body.items[0]
    assert (item.text, item.date, item.source_ref, item.kind) == (held.text, held.date, held.source_ref, held.kind)
    assert draft.status is Status.SUMMARY


async def test_a_class_that_is_not_permitted_stays(cut, holding):
    draft = await cut(holding(data_class=DataClass.INTELLIGENCE))
    assert draft.body.items == ()
    assert _reasons(draft) == ["CLASS_NOT_PERMITTED"]


async def test_existence_mode_gives_no_items(cut, holding):
    draft = await cut(holding(), mode=Mode.EXISTENCE.value)
    assert draft.body.items == ()
    assert draft.body.known_to_agency is True
    assert _reasons(draft) == ["EXISTENCE_ONLY"]


async def test_somebody_the_request_does_not_name_stays_out(cut, holding):
    stranger = NameHeld(given_names=("Sam",), family_name="Elsewhere")
    draft = await cut(holding(data_class=DataClass.THIRD_PARTY, concerns=stranger), third_party=True)
    assert draft.body.items == ()
    assert _reasons(draft) == ["NOT_NAMED_IN_REQUEST"]


async def test_an_item_about_a_named_person_is_given_as_about_them(cut, holding):
    mother = NameHeld(given_names=("Alex",), family_name="Testerton")
    draft = await cut(holding(data_class=DataClass.THIRD_PARTY, concerns=mother), third_party=True)
    assert [item.about for item in draft.body.items] == ["p2"]


async def test_a_statutory_bar_holds(cut, holding):
    draft = await cut(holding(statutory_bar=True))
    assert _reasons(draft) == ["STATUTORY_BAR"]


async def test_a_restricted_child_gives_nothing(cut, holding):
    draft = await cut(holding(), restricted=True)
    assert draft.status is Status.HELD_WITHHELD
    assert draft.body.items == ()
    assert draft.body.known_to_agency is None
    assert _reasons(draft) == ["HELD_WITHHELD"]
    assert draft.restricted


TWO_YEARS = Authority(
    decision=GateDecision(
        outcome=GateOutcome.PERMIT,
        rows=("P3",),
        reasons=(),
        dropped=(),
        missing_evidence=(),
        obligations=(),
        basis=(),
        table_version="test",
        table_hash=bytes(32),
    ),
    data_classes=frozenset({DataClass.ORDINARY}),
    people=frozenset({"p1"}),
    mode=Mode.CONTENT,
    look_back=timedelta(days=730),
    only=None,
    agreements=(),
    review=ReviewPolicy.NONE,
)
"""An authority as AMBER gives it."""


@pytest.mark.parametrize(("days", "flagged", "kept"), [(729, False, 1), (731, False, 0), (731, True, 1)])
async def test_what_is_older_than_the_look_back_stays_unless_flagged(cut, holding, days, flagged, kept):
    held = holding(date=TODAY - timedelta(days=days), flagged=flagged)
    draft = await cut(held, authority=TWO_YEARS)
    assert len(draft.body.items) == kept


@pytest.mark.parametrize(("flagged", "reason"), [(False, "UNDATED"), (True, "RELEASED")])
async def test_what_has_no_date_is_not_current_unless_flagged(cut, holding, flagged, reason):
    draft = await cut(holding(date=None, precision=None, flagged=flagged), authority=TWO_YEARS)
    assert _reasons(draft) == [reason]


async def test_what_has_no_date_is_within_the_full_history(cut, holding):
    assert _reasons(await cut(holding(date=None, precision=None))) == ["RELEASED"]


@pytest.mark.parametrize("flagged", [True, False])
async def test_what_the_band_does_not_name_stays_for_its_type_not_for_its_date(cut, holding, flagged):
    closed = replace(TWO_YEARS, only=(TypeReach(type="ENROLMENT", look_back=None),))
    draft = await cut(holding(date=None, precision=None, flagged=flagged), authority=closed)
    assert _reasons(draft) == ["OUTSIDE_LOOK_BACK"]


@pytest.mark.parametrize(
    ("day", "precision", "reason"),
    [
        (date(2024, 1, 1), Precision.YEAR, "RELEASED"),
        (date(2023, 1, 1), Precision.YEAR, "OUTSIDE_LOOK_BACK"),
        (date(2024, 11, 1), Precision.MONTH, "RELEASED"),
        (date(2024, 10, 1), Precision.MONTH, "OUTSIDE_LOOK_BACK"),
        (date(2024, 2, 1), Precision.MONTH, "OUTSIDE_LOOK_BACK"),
        (date(2024, 1, 1), Precision.DAY, "OUTSIDE_LOOK_BACK"),
        (date(2024, 8, 31), Precision.YEAR, "OUTSIDE_LOOK_BACK"),
    ],
    ids=["year partly", "year before", "month partly", "month before", "February", "day", "school year"],
)
async def test_a_partial_date_counts_by_its_last_possible_day(cut, holding, day, precision, reason):
    assert _reasons(await cut(holding(date=day, precision=precision), authority=TWO_YEARS)) == [reason]
