"""Which member gets which partition: holders keep theirs, nothing is left over, the fence decides a dispute."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.adapters.kafka.assignment import Membership, decode, share

FENCES = st.tuples(st.integers(0, 5), st.integers(0, 5))
MEMBERS = st.dictionaries(
    st.sampled_from("abcd"),
    st.builds(Membership, held=st.dictionaries(st.integers(0, 9), FENCES), waits=st.booleans()),
    min_size=1,
)


def member(*held: int, waits: bool = True, epoch: int = 0) -> Membership:
    return Membership(held=dict.fromkeys(held, (1, epoch)), waits=waits)


def test_a_member_alone_gets_everything():
    assert share({"a": member()}, [0, 1, 2]) == {"a": [0, 1, 2]}


def test_the_holder_keeps_its_partition_when_another_joins():
    assert share({"b": member(0), "a": member()}, [0]) == {"a": [], "b": [0]}


def test_who_holds_more_than_an_even_share_gives_the_rest_up():
    shares = share({"a": member(0, 1, 2, 3), "b": member()}, [0, 1, 2, 3])
    assert shares == {"a": [0, 1], "b": [2, 3]}


def test_what_two_claim_belongs_to_the_one_that_fenced_the_other():
    """A worker that was suspended still believes in its claim when it joins again."""
    assert share({"a": member(0, epoch=3), "b": member(0, epoch=4)}, [0]) == {"a": [], "b": [0]}


def test_a_new_producer_id_outranks_any_epoch_of_the_old_one():
    """Kafka gives a new id out when an id's epochs are used up."""
    old, new = Membership(held={0: (7, 32767)}, waits=True), Membership(held={0: (9, 0)}, waits=True)
    assert share({"a": old, "b": new}, [0]) == {"a": [], "b": [0]}


def test_what_is_free_goes_to_those_who_wait():
    assert share({"a": member(0, waits=False), "b": member()}, [0, 1]) == {"a": [0], "b": [1]}


def test_what_is_free_goes_to_somebody_even_when_nobody_waits():
    assert share({"a": member(0, waits=False)}, [0, 1]) == {"a": [0, 1]}


@given(MEMBERS, st.integers(0, 10))
def test_every_partition_has_exactly_one_member(members: dict[str, Membership], count: int):
    shares = share(members, range(count))
    assert sorted(number for numbers in shares.values() for number in numbers) == list(range(count))
    assert shares.keys() == members.keys()


@given(MEMBERS, st.integers(0, 10))
def test_nothing_moves_when_the_members_join_again_with_what_they_were_given(
    members: dict[str, Membership], count: int
):
    """Every rebalance asks anew; a share that changed each time would never let anybody work."""
    shares = share(members, range(count))
    settled = {name: member(*numbers, waits=members[name].waits) for name, numbers in shares.items()}
    if all(one.waits for one in members.values()):
        assert share(settled, range(count)) == shares


@given(MEMBERS)
def test_what_a_member_tells_arrives_as_it_was_told(members: dict[str, Membership]):
    for told in members.values():
        assert decode(told.encode()) == told


@pytest.mark.parametrize("foreign", [b"", b"null", b"{}", b'{"held": {"x": [1, 2]}, "waits": true}', b"\xff"])
def test_what_another_program_tells_is_refused(foreign: bytes):
    with pytest.raises((ValueError, KeyError, TypeError)):
        decode(foreign)
