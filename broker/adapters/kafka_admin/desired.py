"""The desired state of a partnership's brokers, from the table of access and a directory: topics, rules and quotas.

Promise: (1) a topic is written and read by the parties that `ACCESS` names; (2) a principal's groups and transactional
ids begin with its own id and a dot, which no other id can begin with, because ids hold no dot; (3) no principal has a
right over the cluster; (4) a principal that does not take part (invited, suspended) has no right at all; (5) every
principal that takes part has quotas, so that one that runs wild cannot starve the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from broker.adapters.kafka_admin.current import USER, Acl, DesiredState, Operation, Quotas, Resource, TopicState
from broker.exchange.directory import TAKING_PART
from schemas.directory import Directory, Principal
from schemas.topics import ACCESS, COPIES, topic_configuration, topics_needed

_QUARTER_OF_A_LINE: Final = 32.0 * 1024 * 1024

QUOTAS: Final[Quotas] = {
    "producer_byte_rate": _QUARTER_OF_A_LINE,
    "consumer_byte_rate": _QUARTER_OF_A_LINE,
    "request_percentage": 200.0,
}
"""Limits of every principal, on each node. In bytes a second: a quarter of 1 Gbit/s, so that three that run wild leave
room for the fourth, and 1,600 answers of 20 KiB (with their events), thousands of times what a county asks in its worst
minute. `request_percentage` is of one thread: two of Kafka's eleven (3 for the network, 8 for requests), so that a
client that asks in a loop leaves nine to the others."""


def desired_state(directory: Directory, *, copies: int = COPIES) -> DesiredState:
    """Return the desired state for this directory's partnership, with so many replicas of each topic."""
    active = [one for one in directory.principals if one.state in TAKING_PART]  # (4)
    needed = topics_needed(directory)
    return DesiredState(
        partnership=directory.partnership,
        principals=frozenset(one.id for one in directory.principals),
        copies=copies,
        topics={
            topic.name: TopicState(
                name=topic.name,
                partitions=topic.partitions,
                copies=copies,
                configuration=topic_configuration(topic.family, copies=copies),
            )
            for topic in needed
        },
        acls=frozenset(acl for one in active for acl in _acls(one, directory)),
        quotas={one.id: QUOTAS for one in active},  # (5)
    )


def _acls(principal: Principal, directory: Directory) -> Iterator[Acl]:
    for topic in topics_needed(directory):  # (1)
        access = ACCESS[topic.family]
        for operation, parties in ((Operation.WRITE, access.writers), (Operation.READ, access.readers)):
            if any(party.admits(principal, topic.owners) for party in parties):
                yield _acl(principal, Resource.TOPIC, topic.name, operation)
    own = f"{principal.id}."  # (2)
    yield _acl(principal, Resource.GROUP, own, Operation.READ)
    yield _acl(principal, Resource.TRANSACTIONAL_ID, own, Operation.WRITE)
    yield _acl(principal, Resource.TRANSACTIONAL_ID, own, Operation.DESCRIBE)


def _acl(principal: Principal, resource: Resource, name: str, operation: Operation) -> Acl:
    return Acl(
        principal=f"{USER}{principal.id}",
        resource=resource,
        name=name,
        prefixed=resource is not Resource.TOPIC,
        operation=operation.value,
    )
