"""Findings that the planner leaves to a person: the state, the reason for leaving it, and the command that changes it.

The commands are Apache Kafka's own; each needs `--bootstrap-server` and `--command-config` as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from broker.adapters.kafka_admin.current import Acl, Resource, TopicState

_SOMEBODY_S_DECISION: Final = "nobody here can tell a mistake from somebody's decision"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One finding that no program acts on."""

    what: str
    why: str
    do: str


def too_few_nodes(nodes: int, *, copies: int) -> Remark:
    """The cluster has fewer nodes than each topic has replicas in the table."""
    return Remark(
        what=f"the cluster has {nodes} of the {copies} nodes that each topic needs: no topic is made",
        why="a message that one node alone holds is lost with it",
        do="start the nodes that are missing; fewer will do on a machine for development",
    )


def other_partitions(there: TopicState, wanted: TopicState) -> Remark:
    """A topic has another number of partitions; changing it would move keys."""
    return Remark(
        what=f"topic {there.name} has {there.partitions} partitions, not {wanted.partitions}",
        why="keys would change their partition, and what belongs together would lose its order",
        do="make the partnership's topics anew, once everything on them has been worked on",
    )


def other_copies(there: TopicState, wanted: TopicState) -> Remark:
    """A topic has fewer replicas, which takes moving data, or more, which are never removed."""
    fewer = there.copies < wanted.copies
    return Remark(
        what=f"topic {there.name} has {there.copies} replicas, not {wanted.copies}",
        why="replicas are made by moving data between nodes" if fewer else "a replica is never taken away",
        do="kafka-reassign-partitions --execute" + ("" if fewer else ", or raise COPIES in schemas/topics.py"),
    )


def looser_configuration(topic: str, name: str, there: str, wanted: str, why: str) -> Remark:
    """A topic configuration differs, and setting it would remove a protection."""
    command = f"kafka-configs --alter --entity-type topics --entity-name {topic} --add-config {name}={wanted}"
    return Remark(what=f"topic {topic}: {name} is {there}, not {wanted}", why=why, do=f"if that is meant: {command}")


def wider_limit(principal: str, name: str, there: float, wanted: float) -> Remark:
    """A quota is lower than the table's."""
    command = f"kafka-configs --alter --entity-type users --entity-name {principal} --add-config {name}={wanted:.0f}"
    return Remark(
        what=f"{principal}: {name} is {there:.0f}, not {wanted:.0f}",
        why=f"a wider limit protects the others less; {_SOMEBODY_S_DECISION}",
        do=f"if that is meant: {command}",
    )


def wider_right(acl: Acl) -> Remark:
    """A principal that was provisioned before lacks a right of the table."""
    return Remark(
        what=f"{acl.principal} may not {acl.operation} {acl.where}, and the table says that it may",
        why="it was provisioned without, or it was taken back since; nobody gains a right without a person's decision",
        do=f"if that is meant: kafka-acls --add {_rule(acl)}",
    )


def wide_rule(acl: Acl) -> Remark:
    """A rule applies to this partnership's resources and to others too."""
    return Remark(
        what=f"{acl.principal} may {acl.operation} {acl.where}",
        why="that is more than the table gives, and it names more than this partnership's own",
        do=f"unless somebody else needs it: kafka-acls --remove {_rule(acl)}",
    )


def denial(acl: Acl) -> Remark:
    """A DENY rule applies to this partnership's resources."""
    return Remark(
        what=f"{acl.principal} must not {acl.operation} {acl.where}",
        why="a denial goes before every right of the table; somebody may have cut this principal off",
        do=f"when it is over: kafka-acls --remove {_rule(acl)}",
    )


def unknown_topic(name: str) -> Remark:
    """A topic has this partnership's prefix and is not in the table."""
    return Remark(
        what=f"topic {name} is not of the table",
        why="a broker made it unasked, or its owner has left; deleting it deletes what it holds",
        do=f"when nobody needs what it holds: kafka-topics --delete --topic {name}",
    )


def settings(nodes: tuple[Mapping[str, str], ...]) -> Iterator[Remark]:
    """Yield one finding for each unsafe setting of the nodes. A setting that no node reports is passed over."""
    for name, (is_open, why, do) in _SETTINGS.items():
        values = sorted({one[name] for one in nodes if name in one and is_open(one[name])})
        if values:
            yield Remark(what=f"the nodes' {name} is {values[0] or 'empty'}", why=why, do=do)


_SETTINGS: Final[Mapping[str, tuple[Callable[[str], bool], str, str]]] = {
    # `super.users` and `allow.everyone.if.no.acl.found` are the authoriser's own: no node reports them.
    "authorizer.class.name": (
        lambda value: not value,
        "without an authoriser everybody may do everything",
        "set it to org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    ),
    "auto.create.topics.enable": (
        lambda value: value != "false",
        "a topic that nobody made is a mistake, never a new topic",
        "set it to false",
    ),
    "transaction.max.timeout.ms": (
        lambda value: value.isdigit() and int(value) > 5000,
        "a dead client's open transaction hides for so long what others wrote after it",
        "set it to 5000",
    ),
}


def _rule(acl: Acl) -> str:
    resource = "cluster" if acl.resource is Resource.CLUSTER else acl.resource.value.lower().replace("_", "-")
    name = "" if acl.resource is Resource.CLUSTER else f" '{acl.name}'" if acl.name == "*" else f" {acl.name}"
    pattern = " --resource-pattern-type prefixed" if acl.prefixed else ""
    verb = "allow" if acl.allow else "deny"
    return f"--{verb}-principal {acl.principal} --operation {acl.operation} --{resource}{name}{pattern}"
