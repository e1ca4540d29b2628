"""Topics: names say family and owners and nothing else, and the table leaves no kind without a rule."""

from __future__ import annotations

import pytest

from broker.ports import MAX_VALUE_BYTES
from schemas.topics import OWNERS, RULES, Family, Key, Reader, topic_name, topic_owners
from schemas.vocabulary import Kind, PrincipalRole

HUB = "northants"
NAMES = {
    Family.DIRECTORY: "mash.northants.directory.v1",
    Family.REQUESTS: "mash.northants.requests.one.v1",
    Family.DISPATCHES: "mash.northants.dispatches.one.v1",
    Family.ANSWERS: "mash.northants.answers.one.two.v1",
    Family.DESK: "mash.northants.desk.one.v1",
    Family.SUMMARIES: "mash.northants.summaries.one.v1",
    Family.AUDIT: "mash.northants.audit.v1",
    Family.CHECKPOINTS: "mash.northants.checkpoints.v1",
}


def owners(family: Family) -> tuple[str, ...]:
    return ("one", "two")[: OWNERS[family]]


@pytest.mark.parametrize("family", Family)
def test_name_is_the_published_one_and_gives_its_owners_back(family: Family) -> None:
    name = topic_name(HUB, family, *owners(family))
    assert name == NAMES[family]
    assert topic_owners(HUB, family, name) == owners(family)


@pytest.mark.parametrize("family", Family)
def test_name_of_one_family_is_of_no_other(family: Family) -> None:
    others = set(Family) - {family}
    assert [other for other in others if topic_owners(HUB, other, NAMES[family]) is not None] == []


@pytest.mark.parametrize(
    "owner", ["hub.police", "police.v1", "", "Police", "police/x", "..", "police\n", "-police", "p" * 64, "pol*ce"]
)
def test_owner_that_is_no_id_makes_no_name(owner: str) -> None:
    """With a dot in it, one organisation's name would be another's topic."""
    with pytest.raises(ValueError, match="owners"):
        topic_name(HUB, Family.REQUESTS, owner)


@pytest.mark.parametrize(
    ("family", "wrong"), [(Family.REQUESTS, ()), (Family.ANSWERS, ("hub",)), (Family.AUDIT, ("hub",))]
)
def test_name_needs_as_many_owners_as_its_family_has(family: Family, wrong: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="owners"):
        topic_name(HUB, family, *wrong)


@pytest.mark.parametrize(
    "topic",
    [
        "mash.northants.requests.v1",
        "mash.northants.requests..v1",
        "mash.northants.requests.one",
        "mash.northants.requests.one.v2",
        "mash.northants.requests.one.v1.v1",
        "mash.northants.requests.one.two.v1",
        "mash.northants.requests.one.v1 ",
        "mash.northants.requests.ONE.v1",
        "mash.northamptonshire.requests.one.v1",
        "mash.north.ants.requests.one.v1",
        "xmash.northants.requests.one.v1",
        "mash.northants.requestsx.one.v1",
        "requests.one.v1",
        "",
    ],
)
def test_name_that_is_not_quite_one_has_no_owners(topic: str) -> None:
    assert topic_owners(HUB, Family.REQUESTS, topic) is None


def test_every_kind_has_a_rule_and_every_rule_its_family_with_that_owner() -> None:
    assert set(RULES) == set(Kind)
    assert set(OWNERS) == set(Family)
    for kind, rule in RULES.items():
        assert rule.senders, kind
        assert rule.readers, kind
        assert rule.sender_owns is None or rule.sender_owns < OWNERS[rule.family], kind
        needs_owner = bool({Reader.OWNER, Reader.SCREENING} & set(rule.readers))
        assert not needs_owner or OWNERS[rule.family] > 0, kind


def test_what_only_one_may_write_lies_on_a_topic_of_its_own() -> None:
    """Answers, desk items, decisions and dispatches: the topic's name says whose they are."""
    owned = {kind for kind, rule in RULES.items() if rule.sender_owns is not None}
    assert owned == {Kind.ANSWER, Kind.DESK_ITEM, Kind.DECISION, Kind.DISPATCH}


def test_only_a_requester_asks_and_only_a_holder_answers() -> None:
    assert RULES[Kind.REQUEST].senders == {PrincipalRole.REQUESTER}
    assert RULES[Kind.DISPATCH].senders == {PrincipalRole.REQUESTER}
    assert RULES[Kind.ANSWER].senders == {PrincipalRole.HOLDER}
    assert RULES[Kind.AUDIT_EVENT].senders == set(PrincipalRole)


def test_audit_service_reads_audit_events_and_nothing_else() -> None:
    assert {kind for kind, rule in RULES.items() if Reader.AUDIT in rule.readers} == {Kind.AUDIT_EVENT}
    assert {kind for kind, rule in RULES.items() if rule.key is Key.EVENT_ID} == {Kind.AUDIT_EVENT}


def test_buckets_are_powers_of_two_that_fit_the_log() -> None:
    for rule in RULES.values():
        assert rule.bucket & (rule.bucket - 1) == 0
        assert 4096 <= rule.bucket < MAX_VALUE_BYTES
