"""The difference between the table and a cluster: what is missing comes, what is looser goes, nothing is loosened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from broker.adapters.kafka_admin.current import Acl, ClusterState, Resource, TopicState
from broker.adapters.kafka_admin.desired import desired_state
from broker.adapters.kafka_admin.plan import Change, Configure, Create, Grant, Limit, Plan, Revoke, plan
from schemas.vocabulary import PrincipalRole, PrincipalState
from tests.provision_world import LIVE, MEMBERS, directory

WANTED = desired_state(directory())
SETTINGS = {"authorizer.class.name": "X", "auto.create.topics.enable": "false", "transaction.max.timeout.ms": "5000"}
EMPTY = ClusterState(nodes=3, settings=(SETTINGS,) * 3, topics={}, acls=frozenset(), quotas={})
DONE = replace(EMPTY, topics=WANTED.topics, acls=WANTED.acls, quotas=WANTED.quotas)
AUDIT = "mash.northants.audit.v1"
CHECKPOINTS = "mash.northants.checkpoints.v1"
REQUESTS = "mash.northants.requests.police.v1"


def rule(principal: str, name: str, operation: str = "READ", **said: Any) -> Acl:
    values: dict[str, Any] = {"resource": Resource.TOPIC, "prefixed": False, **said}
    return Acl(principal=principal, name=name, operation=operation, **values)


def on_topic(name: str, **said: Any) -> ClusterState:
    """Return a cluster as the table wants it, but for one topic."""
    return replace(DONE, topics={**DONE.topics, name: replace(DONE.topics[name], **said)})


def configured(name: str, setting: str, value: str) -> ClusterState:
    return on_topic(name, configuration={**WANTED.topics[name].configuration, setting: value})


def found(there: ClusterState, members: Mapping[str, Any] = MEMBERS) -> Plan:
    return plan(desired_state(directory(members=members)), there)


def kinds(found: Plan) -> list[type[Change]]:
    return [type(one) for one in found.changes]


def test_empty_cluster_gets_everything_protection_first() -> None:
    """Access comes last: nobody writes where no limit and no configuration stands yet."""
    result = found(EMPTY)
    assert (result.refused, result.foreign) == ((), ())
    assert {one.topic.name for one in result.changes if isinstance(one, Create)} == set(WANTED.topics)
    assert {one.acl for one in result.changes if isinstance(one, Grant)} == WANTED.acls
    assert {one.principal for one in result.changes if isinstance(one, Limit)} == set(WANTED.quotas)
    order = [kind for kind in (Revoke, Create, Configure, Limit, Grant) if kind in kinds(result)]
    assert kinds(result) == sorted(kinds(result), key=order.index)


def test_nothing_is_left_to_do_where_everything_is_as_wanted() -> None:
    assert found(DONE) == Plan(changes=(), refused=(), foreign=())


def test_crash_between_topics_and_rights_is_gone_on_from() -> None:
    """Rights come in one piece, so what was cut short has none: that is new, and nobody's decision."""
    half = replace(EMPTY, topics=WANTED.topics)
    assert {one.acl for one in found(half).changes if isinstance(one, Grant)} == WANTED.acls
    assert found(half).refused == ()


# ---------------------------------------------------------------- rights


@pytest.mark.parametrize(
    "surplus",
    [
        rule("User:police", "mash.northants.desk.health.v1"),
        rule("User:police", AUDIT),
        rule("User:*", "mash.northants.", prefixed=True),
        rule("User:somebody", "mash.northants.answers.hub.police.v1", "ALL"),
        rule("User:closed", "mash.northants.requests.closed.v1"),
        rule("User:police", "hub.asks", resource=Resource.GROUP),
        rule("User:*", "hub-audit.", "WRITE", resource=Resource.TRANSACTIONAL_ID, prefixed=True),
    ],
)
def test_right_of_ours_that_the_table_does_not_have_is_revoked(surplus: Acl) -> None:
    result = found(replace(DONE, acls=DONE.acls | {surplus}))
    assert result == Plan(changes=(Revoke(acl=surplus),), refused=(), foreign=())


@pytest.mark.parametrize(
    "wide",
    [
        rule("User:police", "*"),
        rule("User:snoop", "mash.", prefixed=True),
        rule("User:snoop", "", prefixed=True),
        rule("User:snoop", "mash.northants", prefixed=True),
        rule("User:snoop", "hub", resource=Resource.GROUP, prefixed=True),
        rule("User:police", "kafka-cluster", "ALTER", resource=Resource.CLUSTER),
    ],
)
def test_right_that_names_more_than_ours_is_shown_and_left(wide: Acl) -> None:
    """It may be another partnership's, or the monitoring's: taking it away is not ours."""
    result = found(replace(DONE, acls=DONE.acls | {wide}))
    assert (result.changes, result.refused) == ((), ())
    [note] = result.foreign
    assert wide.principal in note.what
    assert "kafka-acls --remove" in note.do


@pytest.mark.parametrize(
    "other",
    [
        rule("User:police", "mash.northampton.audit.v1"),
        rule("User:police", "mash.northampton.", prefixed=True),
        rule("User:billing", "invoices"),
        rule("User:billing", "billing.", resource=Resource.GROUP, prefixed=True),
    ],
)
def test_right_on_what_is_not_ours_is_nobody_s_business_here(other: Acl) -> None:
    assert found(replace(DONE, acls=DONE.acls | {other})) == Plan(changes=(), refused=(), foreign=())


def test_denial_stays_whoever_put_it_there() -> None:
    """It only takes away: somebody may have cut this organisation off an hour ago."""
    denial = rule("User:police", AUDIT, "WRITE", allow=False)
    result = found(replace(DONE, acls=DONE.acls | {denial}))
    assert (result.changes, result.refused) == ((), ())
    assert "must not WRITE" in result.foreign[0].what


@pytest.mark.parametrize(
    "taken",
    [
        rule("User:police", REQUESTS),
        rule("User:police", AUDIT, "WRITE"),
        rule("User:police", "police.", resource=Resource.GROUP, prefixed=True),
    ],
)
def test_right_that_was_taken_back_or_never_given_is_not_given_by_itself(taken: Acl) -> None:
    """A table that has grown looser, or a person who cut somebody off: a program cannot tell, so a person decides."""
    assert taken in WANTED.acls
    result = found(replace(DONE, acls=DONE.acls - {taken}))
    assert (result.changes, result.foreign) == ((), ())
    [note] = result.refused
    assert f"kafka-acls --add --allow-principal User:police --operation {taken.operation}" in note.do


def test_looser_table_gives_nobody_who_was_there_before_more() -> None:
    """A release whose table lets the audit service read answers does not reach the brokers unseen."""
    looser = rule("User:hub-audit", "mash.northants.answers.hub.police.v1")
    result = plan(replace(WANTED, acls=WANTED.acls | {looser}), DONE)
    assert result.changes == ()
    assert "User:hub-audit may not READ" in result.refused[0].what


def test_organisation_that_joins_gets_its_rights_and_others_theirs_on_its_topics() -> None:
    """Two roots signed that it joins; its topics are new to everybody."""
    grown = {**MEMBERS, "school": (PrincipalRole.HOLDER, "school", LIVE)}
    result = found(DONE, grown)
    assert (result.refused, result.foreign) == ((), ())
    granted = {one.acl for one in result.changes if isinstance(one, Grant)}
    assert granted == desired_state(directory(members=grown)).acls - WANTED.acls
    assert rule("User:hub", "mash.northants.requests.school.v1", "WRITE") in granted
    assert rule("User:school", AUDIT, "WRITE") in granted


def test_organisation_that_is_suspended_loses_every_right() -> None:
    suspended = {**MEMBERS, "police": (PrincipalRole.HOLDER, "police", PrincipalState.SUSPENDED)}
    result = found(DONE, suspended)
    assert {one.acl for one in result.changes if isinstance(one, Revoke)} == {
        acl for acl in WANTED.acls if acl.principal == "User:police"
    }
    assert len(result.changes) == len([acl for acl in WANTED.acls if acl.principal == "User:police"])


def test_narrower_right_takes_the_place_of_a_wider_one() -> None:
    """Who may do everything there loses that, and keeps what the table gives: no person has to decide."""
    narrow, wide = rule("User:police", REQUESTS), rule("User:police", REQUESTS, "ALL")
    result = found(replace(DONE, acls=DONE.acls - {narrow} | {wide}))
    assert result == Plan(changes=(Revoke(acl=wide), Grant(acl=narrow)), refused=(), foreign=())


# ---------------------------------------------------------------- topics


@pytest.mark.parametrize(
    ("setting", "there"),
    [
        ("min.insync.replicas", "1"),
        ("retention.ms", "60000"),
        ("retention.bytes", "1000000"),
        ("cleanup.policy", "compact,delete"),
        ("unclean.leader.election.enable", "true"),
        ("message.timestamp.type", "CreateTime"),
        ("max.message.bytes", "9000000"),
    ],
)
def test_configuration_that_is_looser_is_tightened(setting: str, there: str) -> None:
    result = found(configured(AUDIT, setting, there))
    wanted = WANTED.topics[AUDIT].configuration[setting]
    assert result.changes == (Configure(topic=AUDIT, name=setting, there=there, wanted=wanted),)
    assert (result.refused, result.foreign) == ((), ())


@pytest.mark.parametrize(
    ("setting", "there"),
    [
        ("min.insync.replicas", "3"),
        ("retention.ms", "-1"),
        ("retention.ms", "9999999999"),
        ("cleanup.policy", "compact"),
    ],
)
def test_configuration_whose_setting_would_loosen_or_delete_is_left_to_a_person(setting: str, there: str) -> None:
    result = found(configured(AUDIT, setting, there))
    assert result.changes == ()
    [note] = result.refused
    assert f"{AUDIT}: {setting} is {there}" in note.what
    assert f"--add-config {setting}={WANTED.topics[AUDIT].configuration[setting]}" in note.do


def test_what_is_kept_for_ever_is_kept_for_ever_where_it_was_to_expire() -> None:
    result = found(configured(CHECKPOINTS, "retention.ms", "1209600000"))
    assert result.changes == (Configure(topic=CHECKPOINTS, name="retention.ms", there="1209600000", wanted="-1"),)


@pytest.mark.parametrize("copies", [1, 2, 5])
def test_replicas_are_neither_added_nor_taken_away_by_this_program(copies: int) -> None:
    result = found(on_topic(AUDIT, copies=copies))
    assert result.changes == ()
    assert f"has {copies} replicas, not 3" in result.refused[0].what


def test_topic_with_too_few_replicas_is_not_stopped_by_what_it_cannot_fulfil() -> None:
    """One replica, of which two must be in step: nobody could write any more."""
    topic = replace(WANTED.topics[AUDIT], copies=1, configuration={**WANTED.topics[AUDIT].configuration})
    topic = replace(topic, configuration={**topic.configuration, "min.insync.replicas": "1"})
    assert found(replace(DONE, topics={**DONE.topics, AUDIT: topic})).changes == ()


def test_other_number_of_partitions_is_left_to_a_person() -> None:
    """Keys would move, and a request's messages would lose their order."""
    result = found(on_topic(AUDIT, partitions=6))
    assert (result.changes, len(result.refused)) == ((), 1)


def test_fewer_than_three_nodes_get_no_topic_and_those_for_development_do() -> None:
    one_node = replace(EMPTY, nodes=1)
    result = found(one_node)
    assert Create not in kinds(result)
    assert "for development" in result.refused[0].do
    alone = plan(desired_state(directory(), copies=1), one_node)
    assert (alone.refused, kinds(alone).count(Create)) == ((), len(WANTED.topics))


def test_topic_that_nobody_knows_is_shown_and_never_deleted() -> None:
    stray = TopicState(name="mash.northants.desk.nobody.v1", partitions=1, copies=3, configuration={})
    result = found(replace(DONE, topics={**DONE.topics, stray.name: stray}))
    assert (result.changes, result.refused) == ((), ())
    assert stray.name in result.foreign[0].what


# ---------------------------------------------------------------- limits and nodes


def test_limit_that_is_wider_or_missing_is_set() -> None:
    there = {**WANTED.quotas, "police": {**WANTED.quotas["police"], "producer_byte_rate": 1e12}, "health": {}}
    limits = [one for one in found(replace(DONE, quotas=there)).changes if isinstance(one, Limit)]
    assert {one.principal: set(one.wanted) for one in limits} == {
        "police": {"producer_byte_rate"},
        "health": set(WANTED.quotas["health"]),
    }


def test_limit_that_is_narrower_is_left_to_a_person() -> None:
    there = {**WANTED.quotas, "police": {**WANTED.quotas["police"], "producer_byte_rate": 1000.0}}
    result = found(replace(DONE, quotas=there))
    assert (result.changes, len(result.refused)) == ((), 1)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("authorizer.class.name", ""), ("auto.create.topics.enable", "true"), ("transaction.max.timeout.ms", "900000")],
)
def test_node_that_leaves_something_open_is_named_once(setting: str, value: str) -> None:
    """One node of three is enough: clients are led to any of them."""
    there = replace(DONE, settings=(SETTINGS, {**SETTINGS, setting: value}, {**SETTINGS, setting: value}))
    [note] = found(there).foreign
    assert setting in note.what
