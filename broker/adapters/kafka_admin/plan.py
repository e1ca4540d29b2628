"""The plan from a cluster's current to its desired state; a pure function. ADR 0015 gives the reasons.

Promise: nothing in `changes` removes a protection, deletes a message, or touches a resource of others. (1) A rule on a
resource of ours that the table does not have is revoked. (2) A missing topic is created, where there are nodes for all
its replicas. (3) A configuration or (4) a quota is set where that is stricter, or safe. (5) A right is granted where
its principal or its resource is new to the cluster; one that was provisioned before without the right was never
accepted by a person, or a person has revoked it since. Those differences are in `refused`, each with the command to
run. (6) Rules and topics that concern this partnership and are others' to change are in `foreign`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from broker.adapters.kafka_admin import findings
from broker.adapters.kafka_admin.current import Acl, ClusterState, DesiredState, Quotas, Resource, TopicState
from broker.adapters.kafka_admin.findings import Remark
from schemas.topics import PREFIX


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """Revoke a rule that the table does not have."""

    acl: Acl


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Create a topic."""

    topic: TopicState


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """Set one configuration of a topic."""

    topic: str
    name: str
    there: str
    wanted: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Set quotas of one principal."""

    principal: str
    there: Quotas
    wanted: Quotas


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Add a rule of the table."""

    acl: Acl


Change = Revoke | Create | Configure | Limit | Grant


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan. `changes` are in the order of execution: protection first, access last."""

    changes: tuple[Change, ...]
    refused: tuple[Remark, ...]
    foreign: tuple[Remark, ...]


Step = Iterator[Change | Remark]


def plan(wanted: DesiredState, there: ClusterState) -> Plan:
    """Return the changes to make, and the findings that are refused or foreign."""
    steps = [
        *_revokes(wanted, there),
        *_topics(wanted, there),
        *_configurations(wanted, there),
        *_limits(wanted, there),
        *_grants(wanted, there),
    ]
    return Plan(
        changes=tuple(one for one in steps if not isinstance(one, Remark)),
        refused=tuple(one for one in steps if isinstance(one, Remark)),
        foreign=tuple(_foreign(wanted, there)),
    )


# ---------------------------------------------------------------- (1) rules that are there


def _ours(acl: Acl, wanted: DesiredState) -> bool:
    """Return whether a rule applies to this partnership's resources alone."""
    if acl.resource is Resource.TOPIC:
        return acl.name.startswith(f"{PREFIX}.{wanted.partnership}.")
    owner, dot, _ = acl.name.partition(".")
    return acl.resource in (Resource.GROUP, Resource.TRANSACTIONAL_ID) and bool(dot) and owner in wanted.principals


def _revokes(wanted: DesiredState, there: ClusterState) -> Step:
    # A DENY rule never opens anything, so it stays, whoever wrote it.
    return (Revoke(acl=acl) for acl in sorted(there.acls - wanted.acls) if acl.allow and _ours(acl, wanted))


# ---------------------------------------------------------------- (2) topics


def _topics(wanted: DesiredState, there: ClusterState) -> Step:
    enough = there.nodes >= wanted.copies
    if not enough:
        yield findings.too_few_nodes(there.nodes, copies=wanted.copies)
    for name, topic in sorted(wanted.topics.items()):
        found = there.topics.get(name)
        if found is None:
            yield from (Create(topic=topic),) if enough else ()
        elif found.partitions != topic.partitions:
            yield findings.other_partitions(found, topic)
        elif found.copies != topic.copies:
            yield findings.other_copies(found, topic)


# ---------------------------------------------------------------- (3) configuration


def _deletes(there: str, wanted: str) -> str | None:
    shorter = wanted != "-1" and (there == "-1" or int(there) > int(wanted))
    return "a shorter time would delete messages that are there" if shorter else None


def _weakens(there: str, wanted: str) -> str | None:
    return "fewer nodes would have to hold a message before it counts" if int(there) > int(wanted) else None


def _expires(there: str, wanted: str) -> str | None:
    gone = "delete" in wanted.split(",") and "delete" not in there.split(",")
    return "messages that are older than the retention would be deleted at once" if gone else None


_LOOSENS: Final[Mapping[str, Callable[[str, str], str | None]]] = {
    "retention.ms": _deletes,
    "min.insync.replicas": _weakens,
    "cleanup.policy": _expires,
}
"""For each configuration, why setting the desired value would remove a protection. A configuration without an entry
protects in one direction only, or (max.message.bytes) is no protection: the quotas are."""


def _configurations(wanted: DesiredState, there: ClusterState) -> Step:
    for name, topic in sorted(wanted.topics.items()):
        found = there.topics.get(name)
        for key, value in topic.configuration.items() if found else ():
            present = found.configuration.get(key, "") if found else ""
            if present == value:
                continue
            why = _LOOSENS[key](present, value) if key in _LOOSENS and present else None
            if why is not None:
                yield findings.looser_configuration(name, key, present, value, why)
            elif key != "min.insync.replicas" or found is None or found.copies >= topic.copies:
                # With too few replicas (refused above) a higher min.insync.replicas would stop every write.
                yield Configure(topic=name, name=key, there=present, wanted=value)


# ---------------------------------------------------------------- (4) limits


def _limits(wanted: DesiredState, there: ClusterState) -> Step:
    for principal, limits in sorted(wanted.quotas.items()):
        found = there.quotas.get(principal, {})
        stricter = {key: limit for key, limit in limits.items() if found.get(key, float("inf")) > limit}
        if stricter:
            yield Limit(
                principal=principal, there={key: found[key] for key in stricter if key in found}, wanted=stricter
            )
        for key in sorted(limits.keys() - stricter.keys()):
            if found[key] < limits[key]:
                yield findings.wider_limit(principal, key, found[key], limits[key])


# ---------------------------------------------------------------- (5) rights


def _grants(wanted: DesiredState, there: ClusterState) -> Step:
    ours = [acl for acl in there.acls if acl.allow and _ours(acl, wanted)]
    principals = {acl.principal for acl in ours}
    resources = {(acl.resource, acl.name) for acl in ours}
    for acl in sorted(wanted.acls - there.acls):
        # A principal's own groups and transactional ids are as old as itself.
        known = acl.principal in principals and (acl.prefixed or (acl.resource, acl.name) in resources)
        if known and not any(one.grants(acl) for one in there.acls):
            yield findings.wider_right(acl)
        else:
            yield Grant(acl=acl)


# ---------------------------------------------------------------- (6) what is somebody else's


def _foreign(wanted: DesiredState, there: ClusterState) -> Iterator[Remark]:
    for acl in sorted(there.acls - wanted.acls):
        bears = acl.resource is Resource.CLUSTER or any(acl.reaches(one) for one in wanted.acls)
        if acl.allow and bears and not _ours(acl, wanted):
            yield findings.wide_rule(acl)
        elif not acl.allow and bears:
            yield findings.denial(acl)
    for name in sorted(there.topics.keys() - wanted.topics.keys()):
        yield findings.unknown_topic(name)
    yield from findings.settings(there.settings)
