"""What a directory asks of the brokers: the blueprint's table for these principals, and nothing beside it."""

from __future__ import annotations

import pytest

from broker.adapters.kafka_admin.current import Resource
from broker.adapters.kafka_admin.desired import QUOTAS, desired_state
from tests.provision_world import MEMBERS, directory

WANTED = desired_state(directory())
ACTIVE = set(MEMBERS) - {"closed"}
FOR_ALL = {"directory", "checkpoints", "witness"}
TO_COME = {"contacts.hub", "contacts.coast", "members"}
"""What holders and recipients write once the kinds for it are in use."""


def allowed(principal: str, operation: str) -> set[str]:
    """Return the topics on which a principal has a right, without what all names begin and end with."""
    return {
        acl.name.removeprefix("mash.northants.").removesuffix(".v1")
        for acl in WANTED.acls
        if acl.principal == f"User:{principal}" and acl.resource is Resource.TOPIC and acl.operation == operation
    }


def test_organisation_writes_its_answers_desk_and_decisions_and_reads_what_is_for_it() -> None:
    assert allowed("police", "WRITE") == {
        "answers.hub.police",
        "answers.coast.police",
        "desk.police",
        "requests.police",
        "audit",
        *TO_COME,
    }
    assert allowed("police", "READ") == {"requests.police", "desk.police", *FOR_ALL}


def test_requester_asks_everybody_and_reads_its_own_summaries_alone() -> None:
    asked = {"requests.police", "requests.health", "requests.education", "requests.probation", "requests.closed"}
    handed_on = {"contacts.hub", "transfers.team"}
    assert allowed("hub", "WRITE") == {*asked, "dispatches.hub", "directory", "audit", "members", *handed_on}
    assert allowed("hub", "READ") == {"summaries.hub", "contacts.hub", "members", *FOR_ALL}


def test_screening_reads_the_answers_to_its_own_requester_alone() -> None:
    holders = ("police", "health", "education", "probation", "closed")
    answers = {f"answers.coast.{holder}" for holder in holders}
    assert allowed("coast-screening", "READ") == {*answers, "dispatches.coast", *FOR_ALL}
    assert allowed("coast-screening", "WRITE") == {"summaries.coast", "audit", "members"}


def test_audit_reads_the_audit_events_and_no_answer() -> None:
    assert allowed("hub-audit", "READ") == {"audit", *FOR_ALL}
    assert allowed("hub-audit", "WRITE") == {"audit", "checkpoints", "members", "witness"}


def test_who_takes_cases_on_and_who_witnesses_have_their_topics_and_no_other() -> None:
    assert allowed("team", "READ") == {"transfers.team", *FOR_ALL}
    assert allowed("team", "WRITE") == {"audit", *TO_COME}
    assert allowed("watch", "READ") == FOR_ALL
    assert allowed("watch", "WRITE") == {"audit", "members", "witness"}


def test_who_is_suspended_has_no_right_and_keeps_its_topics() -> None:
    """What it wrote before must still be read; it must not be able to follow what is written now."""
    assert {acl for acl in WANTED.acls if acl.principal == "User:closed"} == set()
    assert "closed" not in WANTED.quotas
    assert "mash.northants.desk.closed.v1" in WANTED.topics


@pytest.mark.parametrize("principal", sorted(ACTIVE))
def test_groups_and_transactional_ids_are_those_that_begin_with_its_own_id_and_a_dot(principal: str) -> None:
    """`hub` must not reach what is `hub-screening`'s."""
    own = {
        (acl.resource, acl.name, acl.prefixed, acl.operation)
        for acl in WANTED.acls
        if acl.principal == f"User:{principal}" and acl.resource is not Resource.TOPIC
    }
    assert own == {
        (Resource.GROUP, f"{principal}.", True, "READ"),
        (Resource.TRANSACTIONAL_ID, f"{principal}.", True, "WRITE"),
        (Resource.TRANSACTIONAL_ID, f"{principal}.", True, "DESCRIBE"),
    }


def test_rules_name_one_user_and_whole_topics_and_allow() -> None:
    """No wildcard, no prefix over topics, nothing over the cluster, no rule that another one would have to undo."""
    assert {acl.principal.removeprefix("User:") for acl in WANTED.acls} == ACTIVE
    assert all(acl.allow and "*" not in acl.name and acl.host == "*" for acl in WANTED.acls)
    assert all(not acl.prefixed for acl in WANTED.acls if acl.resource is Resource.TOPIC)
    assert not [acl for acl in WANTED.acls if acl.resource in (Resource.CLUSTER, Resource.OTHER)]


def test_everybody_who_takes_part_has_limits() -> None:
    assert WANTED.quotas == dict.fromkeys(ACTIVE, QUOTAS)
    assert set(QUOTAS) == {"producer_byte_rate", "consumer_byte_rate", "request_percentage"}


def test_topics_have_a_replica_on_each_of_three_nodes_and_fewer_only_where_told() -> None:
    assert {(topic.copies, topic.configuration["min.insync.replicas"]) for topic in WANTED.topics.values()} == {
        (3, "2")
    }
    alone = desired_state(directory(), copies=1)
    assert {(topic.copies, topic.configuration["min.insync.replicas"]) for topic in alone.topics.values()} == {(1, "1")}
