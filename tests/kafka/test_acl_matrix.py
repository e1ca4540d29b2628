"""Every principal against every topic, group and transactional id: the brokers allow the blueprint's table, no more.

What is expected stands here once more in plain words, apart from the table that the product provisions from: a mistake
there is found here. Everything is tried for real, with the certificates of the principals, on three nodes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from secured import security

from broker.adapters.kafka_admin.desired import desired_state
from schemas.topics import Family, Topic, topics_needed
from schemas.vocabulary import PrincipalRole
from tests.kafka.access_probe import (
    DONE,
    GROUP,
    NO_PRODUCER,
    REFUSALS,
    TRANSACTION,
    Principal,
    connect,
    layout,
    provision,
)
from tests.provision_world import LIVE, MEMBERS, directory

PARTNERSHIP = "matrix"
STRANGER = "stranger"
DIRECTORY = directory(PARTNERSHIP)
TOPICS = topics_needed(DIRECTORY)
PUBLIC = f"mash.{PARTNERSHIP}.checkpoints.v1"
NAMES = (*MEMBERS, STRANGER)


# ---------------------------------------------------------------- the blueprint's table (section 4), in words


def writes(who: str, topic: Topic) -> bool:
    """Say who writes: nobody that is suspended or unknown."""
    role, acts_for, state = MEMBERS.get(who, (None, "", None))
    if role is None or state is MEMBERS["closed"][2]:
        return False
    match topic.family, topic.owners:
        case Family.DIRECTORY, ():
            return role is PrincipalRole.REQUESTER
        case Family.REQUESTS, (organisation,):
            return role is PrincipalRole.REQUESTER or who == organisation
        case Family.DISPATCHES, (requester,):
            return who == requester
        case Family.ANSWERS, (_, organisation):
            return who == organisation
        case Family.DESK, (organisation,):
            return who == organisation
        case Family.SUMMARIES, (requester,):
            return role is PrincipalRole.SCREENING and acts_for == requester
        case Family.AUDIT, ():
            return True
        case Family.CHECKPOINTS, ():
            return role is PrincipalRole.AUDIT
        case _:
            own = topic.family is Family.CONTACTS and who in topic.owners
            return own or role in WRITERS_TO_COME[topic.family]


WRITERS_TO_COME = {
    Family.CONTACTS: {PrincipalRole.HOLDER, PrincipalRole.RECIPIENT},
    Family.TRANSFERS: {PrincipalRole.REQUESTER},
    Family.WITNESS: {PrincipalRole.WITNESS, PrincipalRole.AUDIT},
    Family.MEMBERS: set(PrincipalRole),
}
"""Who writes where no kind in use travels yet; a contact's topic is its owner's too."""


def reads(who: str, topic: Topic) -> bool:
    """Say who reads: nobody that is suspended or unknown."""
    role, acts_for, state = MEMBERS.get(who, (None, "", None))
    if role is None or state is MEMBERS["closed"][2]:
        return False
    match topic.family, topic.owners:
        case ((Family.DIRECTORY | Family.CHECKPOINTS | Family.WITNESS), ()):
            return True
        case ((Family.REQUESTS | Family.DESK), (organisation,)):
            return who == organisation
        case ((Family.DISPATCHES | Family.ANSWERS), (requester, *_)):
            return role is PrincipalRole.SCREENING and acts_for == requester
        case ((Family.SUMMARIES | Family.CONTACTS | Family.TRANSFERS), (owner,)):
            return who == owner
        case Family.MEMBERS, ():
            return role is PrincipalRole.REQUESTER
        case Family.AUDIT, ():
            return role is PrincipalRole.AUDIT
    raise AssertionError(topic)


def owns(who: str, owner: str) -> bool:
    """Say whose groups and transactional ids these are."""
    return who == owner and who in MEMBERS and MEMBERS[who][2] is not MEMBERS["closed"][2]


# ---------------------------------------------------------------- what was heard


@dataclass(frozen=True)
class Heard:
    """One request's answer."""

    who: str
    operation: str
    resource: str
    code: int
    expected: bool

    @property
    def differs(self) -> bool:
        return self.code not in (DONE if self.expected else REFUSALS)


async def on_topics(one: Principal) -> list[Heard]:
    heard = []
    for topic in TOPICS:
        name, may = topic.name, reads(one.name, topic)
        seen = may or writes(one.name, topic)
        heard += [
            Heard(one.name, "describe topic", name, await one.describe_topic(name), seen),
            Heard(one.name, "list offsets", name, await one.measure(name), seen),
            Heard(one.name, "fetch", name, await one.fetch(name), may),
            Heard(one.name, "delete records", name, await one.delete_records(name), False),
            Heard(one.name, "describe configuration", name, await one.describe_configuration(name), False),
        ]
    return [*heard, *await in_a_transaction(one)]


async def in_a_transaction(one: Principal) -> list[Heard]:
    """Write to every topic in one transaction, which is then aborted; who may have none, without one."""
    transaction = f"{one.name}.{PARTNERSHIP}"
    code, producer = await one.begin(transaction)
    mine = owns(one.name, one.name)
    heard = [Heard(one.name, "begin", transaction, code, mine)]
    for topic in TOPICS:
        may, inside = writes(one.name, topic), False
        if mine:
            code = await one.add_to_transaction(transaction, producer, topic.name)
            heard.append(Heard(one.name, "add to transaction", topic.name, code, may))
            inside = code in DONE
        code = await one.produce(
            topic.name,
            transaction=transaction if inside else None,
            producer=producer if inside else NO_PRODUCER,
        )
        heard.append(Heard(one.name, "produce", topic.name, code, may))
    if mine:
        heard.append(Heard(one.name, "abort", transaction, await one.abort(transaction, producer), mine))
    return heard


async def on_groups_and_transactions(one: Principal) -> list[Heard]:
    heard = []
    for owner in NAMES:
        group, transaction, may = f"{owner}.{PARTNERSHIP}", f"{owner}.{PARTNERSHIP}-knock", owns(one.name, owner)
        begun, _ = await one.begin(transaction)
        heard += [
            Heard(one.name, "find group", group, await one.find(GROUP, group), may),
            Heard(one.name, "fetch position", group, await one.fetch_position(group, PUBLIC), may),
            Heard(one.name, "join", group, await one.join(group), may),
            Heard(one.name, "commit position", group, await one.commit_position(group, PUBLIC), may),
            Heard(one.name, "find transaction", transaction, await one.find(TRANSACTION, transaction), may),
            Heard(one.name, "begin", transaction, begun, may),
        ]
    return heard


async def on_the_cluster(one: Principal) -> list[Heard]:
    codes = {
        "create topic": await one.create_topic(f"mash.{PARTNERSHIP}.desk.{one.name}.v1.mine"),
        "see rules": await one.see_rules(),
        "add rule": await one.add_rule(PUBLIC),
        "see limits": await one.see_limits(),
    }
    return [Heard(one.name, operation, "cluster", code, False) for operation, code in codes.items()]


# ---------------------------------------------------------------- the cluster


@pytest.fixture(scope="module")
def provisioned(secured_cluster: Any) -> Any:
    """The cluster, with what this partnership's directory asks for."""
    provision(secured_cluster, DIRECTORY)
    return secured_cluster


@pytest.fixture
async def principals(provisioned: Any) -> AsyncIterator[Mapping[str, Principal]]:
    """Everybody, connected to every node, once all nodes know the rules."""
    admin_context = security(provisioned.admin, "admin").context
    nodes, leaders = await layout(provisioned.bootstrap, admin_context, [topic.name for topic in TOPICS])
    assert len(nodes) == 3
    admin = Principal(name="admin", connections=await connect(nodes, admin_context, "admin"), leaders=leaders)
    for name in NAMES:
        await admin.learn(GROUP, f"{name}.{PARTNERSHIP}")
        await admin.learn(TRANSACTION, f"{name}.{PARTNERSHIP}")
        await admin.learn(TRANSACTION, f"{name}.{PARTNERSHIP}-knock")
    async with asyncio.timeout(30):
        await admin.all_know(len(desired_state(DIRECTORY).acls))
    found = {
        name: Principal(
            name=name,
            connections=await connect(nodes, security(provisioned.issue(name), name).context, name),
            leaders=leaders,
            coordinators=admin.coordinators,
        )
        for name in NAMES
    }
    yield found
    for one in (admin, *found.values()):
        await one.close()


# ---------------------------------------------------------------- the matrix


async def test_brokers_allow_the_table_and_nothing_else(
    principals: Mapping[str, Principal], capsys: pytest.CaptureFixture[str]
) -> None:
    started = asyncio.get_running_loop().time()
    tried = [
        one
        for heard in await asyncio.gather(
            *(
                attempt(principal)
                for principal in principals.values()
                for attempt in (on_topics, on_groups_and_transactions, on_the_cluster)
            )
        )
        for one in heard
    ]
    seconds = asyncio.get_running_loop().time() - started
    different = [one for one in tried if one.differs]
    with capsys.disabled():
        show(tried, different, seconds)
    assert different == []
    assert {one.who for one in tried} == set(NAMES)
    assert {one.resource for one in tried} >= {topic.name for topic in TOPICS}


def show(tried: list[Heard], different: list[Heard], seconds: float) -> None:
    """Print what was tried, and what came of it."""
    allowed = sum(one.expected for one in tried)
    resources, operations = ({one.resource for one in tried}, {one.operation for one in tried})
    print(
        f"\n{len(NAMES)} principals x {len(resources)} resources x {len(operations)} operations = {len(tried)} checked,"
        f" {allowed} allowed, {len(different)} differ ({seconds:.1f} s)"
    )
    counts = Counter((one.operation, one.expected) for one in tried)
    for operation in sorted(operations):
        print(f"  {operation:24} {counts[operation, True]:4} allowed, {counts[operation, False]:4} refused")
    for one in different[:40]:
        print(f"  DIFFERS: {one}")


def test_directory_of_the_matrix_has_every_kind_of_principal() -> None:
    """Two requesters and a suspended organisation among them: each column of the table is tried both ways."""
    assert {role for role, _, _ in MEMBERS.values()} == set(PrincipalRole)
    assert {state for _, _, state in MEMBERS.values()} > {LIVE}
    for topic in TOPICS:
        assert any(writes(who, topic) for who in NAMES) or "closed" in topic.owners
        assert any(reads(who, topic) for who in NAMES) or "closed" in topic.owners
        assert not all(writes(who, topic) or reads(who, topic) for who in NAMES)
