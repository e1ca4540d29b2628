"""What a cluster is held to and what is there, in the same words: pure values, without any Kafka client.

Words of operations, resources and topic configuration are Kafka's own, so that a person finds them in its manual.
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
    """What a rule is about. A kind that this product has no word for is OTHER."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"
    TRANSACTIONAL_ID = "TRANSACTIONAL_ID"
    CLUSTER = "CLUSTER"
    OTHER = "OTHER"


class Operation(StrEnum):
    """The operations of the table; a cluster may know of more. READ and WRITE imply DESCRIBE, ALL implies all."""

    READ = "READ"
    WRITE = "WRITE"
    DESCRIBE = "DESCRIBE"
    ALL = "ALL"


@final
@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Acl:
    """One rule of the brokers' authoriser: who (`User:...`) may, or may not, do what on which resources, from where."""

    principal: str
    resource: Resource
    name: str
    prefixed: bool
    operation: str
    allow: bool = True
    host: str = ANY_HOST

    @property
    def where(self) -> str:
        """The resource as people read it."""
        return f"{self.resource.value.lower().replace('_', ' ')} {self.name}{'*' if self.prefixed else ''}"

    def reaches(self, other: Acl) -> bool:
        """Say whether there may be a resource that both rules are about."""
        return self.resource is other.resource and (self._covers(other) or other._covers(self))

    def grants(self, wanted: Acl) -> bool:
        """Say whether this rule alone already allows everything that the wanted one would."""
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
"""Kafka's word for a limit, and the limit: bytes a second and node, or percent of one request thread."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterState:
    """What is there. `settings` are each node's own; `quotas` are by user, without `User:`."""

    nodes: int
    settings: tuple[Mapping[str, str], ...]
    topics: Mapping[str, TopicState]
    acls: frozenset[Acl]
    quotas: Mapping[str, Quotas]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a partnership's table and directory ask for. `principals` are all that the directory names."""

    partnership: str
    principals: frozenset[str]
    copies: int
    topics: Mapping[str, TopicState]
    acls: frozenset[Acl]
    quotas: Mapping[str, Quotas]
