"""The partition assignor of the group protocol: a member's user data in JoinGroup, the leader's answer in SyncGroup.

The assignor's name is part of the contract between the instances of a group: the coordinator refuses a member that
supports no assignor in common with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from broker.adapters.kafka.assignment import Membership, decode, share

_VERSION: Final = 0


class Assignor:
    """One member's assignor. aiokafka accepts any object with these four attributes."""

    name = "mash-1"

    def __init__(self, told: Callable[[], Membership]) -> None:
        self._told = told

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """Return this member's metadata, with the claims that it holds at the moment of joining."""
        return ConsumerProtocolMemberMetadata(_VERSION, list(topics), self._told().encode())

    def assign(
        self, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Assign each topic's partitions to its subscribers; called on the group's leader alone."""
        shares: dict[str, list[tuple[str, list[int]]]] = {name: [] for name in members}
        for topic in sorted({topic for member in members.values() for topic in member.subscription}):
            told = {name: decode(one.user_data) for name, one in members.items() if topic in one.subscription}
            for name, partitions in share(told, sorted(cluster.partitions_for_topic(topic) or ())).items():
                shares[name].append((topic, partitions))
        return {name: ConsumerProtocolMemberAssignment(_VERSION, assigned, b"") for name, assigned in shares.items()}

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        """Do nothing: the consumer's rebalance listener takes the assignment."""
