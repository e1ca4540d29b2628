"""The state of a cluster, current and desired, in the same values: pure, without any Kafka client.

Names of operations, resources and topic configuration are Kafka's own, so that a person finds them in its manual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, final

USER: Final = "User:"
EVERYBODY: Final = "User:*"
ANY_HOST: Final = "*"
ANY_NAME: Final = "*"


class Resource(StrEnum):
    """The resource type of an ACL. Types that the table does not use are OTHER."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"
    TRANSACTIONAL_ID = "TRANSACTIONAL_ID"
    CLUSTER = "CLUSTER"
    OTHER = "OTHER"


class Operation(StrEnum):
    """The operations of the table; a cluster may use more. READ and WRITE imply DESCRIBE, ALL implies every one."""

    READ = "READ"
    WRITE = "WRITE"
    DESCRIBE = "DESCRIBE"
    ALL = "ALL"


@final
@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Acl:
    """One rule of the brokers' authoriser: a principal (`User:...`), allowed or denied an operation on resources."""

    principal: str
    resource: Resource
    name: str
    prefixed: bool
    operation: str
    allow: bool = True
    host: str = ANY_HOST

    @property
    def where(self) -> str:
        """The resource in words, for a person."""
        return f"{self.resource.value.lower().replace('_', ' ')} {self.name}{'*' if self.prefixed else ''}"

    def reaches(self, other: Acl) -> bool:
        """Return whether both rules can apply to one resource."""
        return self.resource is other.resource and (self._covers(other) or other._covers(self))

    def grants(self, wanted: Acl) -> bool:
        """Return whether this rule alone allows everything that the desired one would."""
        implied = {wanted.operation, Operation.ALL}
        if wanted.operation == Operation.DESCRIBE:
            implied |= {Operation.READ, Operation.WRITE}
        return (
            self.allow
            and self.resource is wanted.resource
            and self.principal in (wanted.principal, EVERYBODY)
            and self.host == ANY_HOST
            and self.operation in implied
            and self._covers(wanted)
        )

    def _covers(self, other: Acl) -> bool:
        if self.name == ANY_NAME and not self.prefixed:
            return True
        if self.prefixed:
            return other.name.startswith(self.name)
        return (self.name, self.prefixed) == (other.name, other.prefixed)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """One topic: its partitions, the replicas of the partition that has fewest, its configuration."""

    name: str
    partitions: int
    copies: int
    configuration: Mapping[str, str]


Quotas = Mapping[str, float]
"""A quota's key in Kafka, and its value: bytes a second on each node, or percent of one request thread."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterState:
    """The current state. `settings` are each node's own; `quotas` are by user, without `User:`."""

    nodes: int
    settings: tuple[Mapping[str, str], ...]
    topics: Mapping[str, TopicState]
    acls: frozenset[Acl]
    quotas: Mapping[str, Quotas]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredState:
    """The desired state of a partnership's resources. `principals` are all that the directory names."""

    partnership: str
    principals: frozenset[str]
    copies: int
    topics: Mapping[str, TopicState]
    acls: frozenset[Acl]
    quotas: Mapping[str, Quotas]
