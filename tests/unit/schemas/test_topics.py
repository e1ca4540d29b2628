"""Topics: names say family and owners and nothing else, and the table leaves no kind without a rule."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from broker.adapters.kafka.settings import LARGEST_MESSAGE_BYTES
from broker.ports import MAX_VALUE_BYTES
from schemas.topics import (
    ACCESS,
    OWNERS,
    RULES,
    Family,
    Key,
    Party,
    Reader,
    family_of,
    topic_configuration,
    topic_name,
    topic_owners,
    topics_needed,
)
from schemas.vocabulary import Kind, PrincipalRole
from tests.provision_world import LIVE, MEMBERS, directory

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
    Family.CONTACTS: "mash.northants.contacts.one.v1",
    Family.TRANSFERS: "mash.northants.transfers.one.v1",
    Family.WITNESS: "mash.northants.witness.v1",
    Family.MEMBERS: "mash.northants.members.v1",
}
WITHOUT_RULES = {Family.CONTACTS, Family.TRANSFERS, Family.WITNESS, Family.MEMBERS}
"""No kind in use travels on these: their kinds are reserved."""


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


@pytest.mark.parametrize(
    ("family", "owners", "writers", "readers"),
    [
        (Family.CONTACTS, ("hub",), {"hub", "police", "team"}, {"hub"}),
        (Family.TRANSFERS, ("team",), {"hub"}, {"team"}),
        (Family.WITNESS, (), {"team", "hub-audit"}, {"hub", "hub-audit", "police", "team"}),
        (Family.MEMBERS, (), {"hub", "hub-audit", "police", "team"}, {"hub"}),
    ],
)
def test_family_that_waits_for_its_kinds_has_its_writers_and_readers(
    family: Family, owners: tuple[str, ...], writers: set[str], readers: set[str]
) -> None:
    """One principal of several roles has the access of each: `team` takes cases on and witnesses."""
    roles = {"hub": PrincipalRole.REQUESTER, "hub-audit": PrincipalRole.AUDIT, "police": PrincipalRole.HOLDER}
    members = {name: (role, "hub" if name == "hub-audit" else name, LIVE) for name, role in roles.items()}
    members["team"] = (PrincipalRole.RECIPIENT, "team", LIVE)
    principals = [
        one.model_copy(update={"roles": (*one.roles, PrincipalRole.WITNESS)}) if one.id == "team" else one
        for one in directory("northants", members).principals
    ]

    def admitted(parties: tuple[Party, ...]) -> set[str]:
        return {one.id for one in principals if any(party.admits(one, owners) for party in parties)}

    assert admitted(ACCESS[family].writers) == writers
    assert admitted(ACCESS[family].readers) == readers


def test_all_of_one_request_lies_in_one_partition_of_each_topic() -> None:
    """Two instances of screening each meet the dispatch and every answer of the same requests."""
    joined = {Family.REQUESTS, Family.DISPATCHES, Family.ANSWERS}
    assert {ACCESS[family].partitions for family in joined} == {4}
    assert {ACCESS[family].partitions for family in set(Family) - joined} == {1}
    kinds = {kind for kind, rule in RULES.items() if rule.family in joined}
    assert kinds == {Kind.REQUEST, Kind.DECISION, Kind.DISPATCH, Kind.ANSWER}
    assert {RULES[kind].key for kind in kinds} == {Key.SUBJECT}


def test_transfers_have_a_topic_for_each_recipient() -> None:
    members = {**MEMBERS, "night-team": (PrincipalRole.RECIPIENT, "night-team", LIVE)}
    needed = {topic.name for topic in topics_needed(directory("northants", members))}
    before = {topic.name for topic in topics_needed(directory("northants"))}
    assert needed - before == {"mash.northants.transfers.night-team.v1"}


def test_audit_service_reads_audit_events_and_nothing_else() -> None:
    assert {kind for kind, rule in RULES.items() if Reader.AUDIT in rule.readers} == {Kind.AUDIT_EVENT}
    assert {kind for kind, rule in RULES.items() if rule.key is Key.EVENT_ID} == {Kind.AUDIT_EVENT}


@dataclass(frozen=True)
class Ids:
    """The ids of a message, as its header has them."""

    message_id: str = "message"
    request_id: str | None = None
    thread: str | None = None
    event_id: str = "event"


def test_key_is_the_request_without_one_the_thread_without_either_the_message() -> None:
    assert Key.SUBJECT.of(Ids(request_id="request", thread="thread")) == b"request"
    assert Key.SUBJECT.of(Ids(thread="thread")) == b"thread"
    assert Key.SUBJECT.of(Ids()) == b"message"
    assert Key.EVENT_ID.of(Ids(request_id="request", thread="thread")) == b"event"


def test_buckets_are_powers_of_two_that_fit_the_log() -> None:
    for rule in RULES.values():
        assert rule.bucket & (rule.bucket - 1) == 0
        assert 4096 <= rule.bucket < MAX_VALUE_BYTES


@pytest.mark.parametrize("family", sorted(set(Family) - WITHOUT_RULES))
def test_brokers_let_those_write_whom_readers_believe_and_nobody_else(family: Family) -> None:
    """Two tables say who writes: the one that the brokers are held to, and the one by which a message is verified."""
    believed = {
        (role, 0 if role is PrincipalRole.SCREENING else rule.sender_owns)
        for rule in RULES.values()
        if rule.family is family
        for role in rule.senders
    }
    if family is Family.AUDIT:
        believed = {(role, None) for role in PrincipalRole}
    public = {Family.DIRECTORY: PrincipalRole.REQUESTER, Family.CHECKPOINTS: PrincipalRole.AUDIT}
    if family in public:  # signed by other means than an envelope's
        believed = {(public[family], None)}
    assert {(party.role, party.owns) for party in ACCESS[family].writers} == believed


@pytest.mark.parametrize("family", sorted(set(Family) - {Family.DIRECTORY, Family.CHECKPOINTS} - WITHOUT_RULES))
def test_brokers_let_those_read_to_whom_messages_are_sealed_and_nobody_else(family: Family) -> None:
    """Not even sealed does a message reach anybody else. A sender has what it sent, and need not read it there."""
    rules = [rule for rule in RULES.values() if rule.family is family]
    sealed_to = {reader for rule in rules for reader in rule.readers} - {Reader.SENDER}
    [owner, *_] = [*ACCESS[family].owners, None]
    party = {
        Reader.OWNER: Party(role=owner, owns=0) if owner else None,
        Reader.SCREENING: Party(role=PrincipalRole.SCREENING, owns=0),
        Reader.AUDIT: Party(role=PrincipalRole.AUDIT, owns=None),
    }
    assert set(ACCESS[family].readers) == {party[reader] for reader in sealed_to}


@pytest.mark.parametrize("family", [Family.DIRECTORY, Family.CHECKPOINTS])
def test_what_holds_no_person_is_everybody_s_to_read_and_is_kept(family: Family) -> None:
    assert {party.role for party in ACCESS[family].readers} == set(PrincipalRole)
    assert {party.owns for party in ACCESS[family].readers} == {None}
    assert topic_configuration(family, copies=3)["retention.ms"] == "-1"


def test_sealed_messages_are_deleted_after_fourteen_days_and_no_topic_loses_one_before() -> None:
    """By age alone: not by their number, not by their key, not by what their writer says of the time."""
    for family in set(Family) - {Family.DIRECTORY, Family.CHECKPOINTS}:
        configuration = topic_configuration(family, copies=3)
        assert configuration["retention.ms"] == "1209600000"
        assert configuration["retention.bytes"] == "-1"
        assert configuration["cleanup.policy"] == "delete"
        assert configuration["message.timestamp.type"] == "LogAppendTime"
        assert int(configuration["segment.ms"]) <= 24 * 3600 * 1000


def test_what_is_acknowledged_survives_the_loss_of_a_node() -> None:
    assert [topic_configuration(None, copies=copies)["min.insync.replicas"] for copies in (1, 2, 3)] == ["1", "1", "2"]
    assert topic_configuration(None, copies=3)["unclean.leader.election.enable"] == "false"


def test_brokers_take_the_greatest_value_of_the_log() -> None:
    assert int(topic_configuration(None, copies=3)["max.message.bytes"]) == LARGEST_MESSAGE_BYTES


@pytest.mark.parametrize("family", Family)
def test_family_is_told_by_the_name(family: Family) -> None:
    assert family_of(NAMES[family]) is family


@pytest.mark.parametrize("topic", ["", "mash", "readiness", "mash.northants", "mash.northants.desk.v1", "x.y.audit.v1"])
def test_other_names_have_no_family(topic: str) -> None:
    assert family_of(topic) is None


def test_topics_of_a_partnership_are_those_that_its_processes_use() -> None:
    needed = [topic.name for topic in topics_needed(directory("northants"))]
    assert len(needed) == len(set(needed)) == 5 + 3 * 2 + 2 * 5 + 2 * 5 + 1
    assert "mash.northants.answers.coast.health.v1" in needed
    assert not [name for name in needed if "screening" in name or "hub-audit" in name]
