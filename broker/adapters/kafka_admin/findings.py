"""What the planner leaves to a person, in words: what is so, why it is left, and what to do about it.

The commands are those that come with Apache Kafka, each to be given `--bootstrap-server` and `--command-config`.
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
    """What no program does here."""

    what: str
    why: str
    do: str


def too_few_nodes(nodes: int, *, copies: int) -> Remark:
    """A cluster that cannot hold what is acknowledged on as many nodes as the table asks for."""
    return Remark(
        what=f"the cluster has {nodes} of the {copies} nodes that each topic needs: no topic is made",
        why="a message that one node alone holds is lost with it",
        do="start the nodes that are missing; on a machine for development: --development",
    )


def other_partitions(there: TopicState, wanted: TopicState) -> Remark:
    """A topic whose keys would move."""
    return Remark(
        what=f"topic {there.name} has {there.partitions} partitions, not {wanted.partitions}",
        why="keys would change their partition, and what belongs together would lose its order",
        do="make the partnership's topics anew, once everything on them has been worked on",
    )


def other_copies(there: TopicState, wanted: TopicState) -> Remark:
    """A topic with fewer replicas, which only moving data mends, or with more, which are not taken away."""
    fewer = there.copies < wanted.copies
    return Remark(
        what=f"topic {there.name} has {there.copies} replicas, not {wanted.copies}",
        why="replicas are made by moving data between nodes" if fewer else "a replica is never taken away",
        do="kafka-reassign-partitions --execute" + ("" if fewer else ", or raise COPIES in schemas/topics.py"),
    )


def looser_configuration(topic: str, name: str, there: str, wanted: str, why: str) -> Remark:
    """A configuration whose setting would take a protection away."""
    command = f"kafka-configs --alter --entity-type topics --entity-name {topic} --add-config {name}={wanted}"
    return Remark(what=f"topic {topic}: {name} is {there}, not {wanted}", why=why, do=f"if that is meant: {command}")


def wider_limit(principal: str, name: str, there: float, wanted: float) -> Remark:
    """A limit that is narrower than the table's."""
    command = f"kafka-configs --alter --entity-type users --entity-name {principal} --add-config {name}={wanted:.0f}"
    return Remark(
        what=f"{principal}: {name} is {there:.0f}, not {wanted:.0f}",
        why=f"a wider limit protects the others less; {_SOMEBODY_S_DECISION}",
        do=f"if that is meant: {command}",
    )


def wider_right(acl: Acl) -> Remark:
    """A right that somebody does not have who was provisioned without it, or from whom it was taken."""
    return Remark(
        what=f"{acl.principal} may not {acl.operation} {acl.where}, and the table says that it may",
        why="it was provisioned without, or it was taken back since; nobody gains a right without a person's decision",
        do=f"if that is meant: kafka-acls --add {_rule(acl)}",
    )


def wide_rule(acl: Acl) -> Remark:
    """A rule that bears on this partnership and names more than its resources."""
    return Remark(
        what=f"{acl.principal} may {acl.operation} {acl.where}",
        why="that is more than the table gives, and it names more than this partnership's own",
        do=f"unless somebody else needs it: kafka-acls --remove {_rule(acl)}",
    )


def denial(acl: Acl) -> Remark:
    """A rule that takes away."""
    return Remark(
        what=f"{acl.principal} must not {acl.operation} {acl.where}",
        why="a denial goes before every right of the table; somebody may have cut this principal off",
        do=f"when it is over: kafka-acls --remove {_rule(acl)}",
    )


def unknown_topic(name: str) -> Remark:
    """A topic under this partnership's name that the table does not have."""
    return Remark(
        what=f"topic {name} is not of the table",
        why="a broker made it unasked, or its owner has left; deleting it deletes what it holds",
        do=f"when nobody needs what it holds: kafka-topics --delete --topic {name}",
    )


def settings(nodes: tuple[Mapping[str, str], ...]) -> Iterator[Remark]:
    """Return what the nodes' own settings leave open, once each. A setting that a node does not tell is passed over."""
    for name, (is_open, why, do) in _SETTINGS.items():
        values = sorted({one[name] for one in nodes if name in one and is_open(one[name])})
        if values:
            yield Remark(what=f"the nodes' {name} is {values[0] or 'empty'}", why=why, do=do)


_SETTINGS: Final[Mapping[str, tuple[Callable[[str], bool], str, str]]] = {
    # `super.users` and `allow.everyone.if.no.acl.found` are the authoriser's own: no node tells them to anybody.
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
