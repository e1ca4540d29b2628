"""The assignor in the group protocol, with the client's own structures."""

from __future__ import annotations

from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from broker.adapters.kafka.assignment import Membership
from broker.adapters.kafka.assignor import Assignor


class Cluster:
    """Knows how many partitions each topic has."""

    def __init__(self, **partitions: int) -> None:
        self._partitions = partitions

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return set(range(self._partitions[topic])) if topic in self._partitions else None


def told(*topics: str, held: dict[int, tuple[int, int]] | None = None) -> ConsumerProtocolMemberMetadata:
    """What a member sends, as it arrives at the leader."""
    sent = Assignor(lambda: Membership(held=held or {}, waits=True)).metadata(topics)
    return ConsumerProtocolMemberMetadata.decode(sent.encode())


def assigned(members: dict[str, ConsumerProtocolMemberMetadata], **partitions: int) -> dict[str, set[tuple[str, int]]]:
    """What each member gets, as it arrives there."""
    leader = Assignor(lambda: Membership(held={}, waits=True))
    shares = leader.assign(Cluster(**partitions), members)
    arrived = {name: ConsumerProtocolMemberAssignment.decode(one.encode()) for name, one in shares.items()}
    return {name: {(where.topic, where.partition) for where in one.partitions()} for name, one in arrived.items()}


def test_the_holder_s_partition_stays_and_the_others_are_shared_out():
    members = {"a": told("work"), "b": told("work", held={1: (1, 1)})}
    assert assigned(members, work=2) == {"a": {("work", 0)}, "b": {("work", 1)}}


def test_nobody_is_given_a_topic_that_it_did_not_ask_for():
    """One group may take turns on several topics; the client breaks on a partition that it never subscribed to."""
    members = {"a": told("one"), "b": told("other"), "c": told("one", "other")}
    shares = assigned(members, one=2, other=2)
    assert {topic for topic, _ in shares["a"]} == {"one"}
    assert {topic for topic, _ in shares["b"]} == {"other"}
    assert len(shares["a"] | shares["b"] | shares["c"]) == 4


def test_a_topic_that_the_cluster_does_not_know_yet_has_no_partitions():
    assert assigned({"a": told("work")}) == {"a": set()}


def test_what_is_held_is_asked_for_at_the_moment_of_joining():
    held: dict[int, tuple[int, int]] = {}
    assignor = Assignor(lambda: Membership(held=held, waits=True))
    before = assignor.metadata(["work"]).user_data
    held[0] = (1, 1)
    assert assignor.metadata(["work"]).user_data != before
