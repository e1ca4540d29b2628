"""A record without demographics is one child's: asked for under two dates of birth, a person must look."""

from __future__ import annotations

import pytest

from broker.holder.source import IdentifierHeld
from schemas.vocabulary import IdentifierScheme, MatchMethod, Status

ASSIGNED = IdentifierHeld(scheme=IdentifierScheme.NHS, value="9990000018", verified=True)
CHILD = {
    "ref": "p1",
    "roles": ["SUBJECT_CHILD"],
    "given_names": ["Robin"],
    "family_name": "Testerton",
    "date_of_birth": "2015-03-14",
    "identifiers": {"nhs": "9990000018"},
}


@pytest.fixture
def nameless(desk, candidate, holding):
    """A source that stores no demographics, with numbers that a matching service assigned."""
    desk.source.candidates["p1"] = (candidate(names=(), dates_of_birth=(), postcodes=(), identifiers=(ASSIGNED,)),)
    desk.source.held["r1"] = (holding(),)
    return desk


async def test_the_same_date_of_birth_is_answered_again(nameless):
    for _ in range(2):
        ended = await nameless.ask(people=[CHILD])
        assert ended.answer.status.status is Status.SUMMARY
        assert ended.answer.status.match.method is MatchMethod.VERIFIED_IDENTIFIER


async def test_another_date_of_birth_is_uncertain_and_changes_nothing(nameless):
    await nameless.ask(people=[CHILD])
    other = await nameless.ask(people=[CHILD | {"date_of_birth": "2015-03-15"}])
    assert other.answer.status.status is Status.MATCH_UNCERTAIN
    assert other.answer.body.items == ()
    again = await nameless.ask(people=[CHILD])
    assert again.answer.status.status is Status.SUMMARY


async def test_the_claim_lies_nowhere_in_the_clear(nameless):
    await nameless.ask(people=[CHILD])
    for path in nameless.partnership.folder.iterdir():
        assert b"2015-03-14" not in path.read_bytes()
