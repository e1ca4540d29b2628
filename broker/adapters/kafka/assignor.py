"""The group protocol's side of `sharing`: what a member sends when it joins, what the leader hands out.

The name is part of the contract between the instances of a group: members of another version of it cannot share a
group with these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from broker.adapters.kafka.assignment import Membership, decode, share

_VERSION: Final = 0


class Assignor:
    """One member's assignor. `aiokafka` takes any object with these four names."""

    name = "mash-1"

    def __init__(self, told: Callable[[], Membership]) -> None:
        self._told = told

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """Say what this member holds at the moment at which it joins."""
        return ConsumerProtocolMemberMetadata(_VERSION, list(topics), self._told().encode())

    def assign(
        self, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Share each topic out among those who want it; called on the group's leader alone."""
        shares: dict[str, list[tuple[str, list[int]]]] = {name: [] for name in members}
        for topic in sorted({topic for member in members.values() for topic in member.subscription}):
            told = {name: decode(one.user_data) for name, one in members.items() if topic in one.subscription}
            for name, partitions in share(told, sorted(cluster.partitions_for_topic(topic) or ())).items():
                shares[name].append((topic, partitions))
        return {name: ConsumerProtocolMemberAssignment(_VERSION, assigned, b"") for name, assigned in shares.items()}

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        """Nothing to remember: what was assigned comes through the consumer's listener."""
