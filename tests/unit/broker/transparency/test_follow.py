"""What a checkpoint must show before an answer counts as recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from broker.adapters.crypto import FileSigner
from broker.errors import RejectedError
from broker.exchange.possession import own_signing_key
from broker.transparency.follow import follow_on, ledger_name, open_ledgers
from broker.transparency.merkle import Frontier
from broker.transparency.note import Checkpoint, CheckpointLeaf, open_checkpoint
from tests.screening_world import LEDGER, World

EVENTS = [f"019ab000-0000-7000-8000-00000000000{number}" for number in range(5)]


def leaf(index: int) -> CheckpointLeaf:
    return CheckpointLeaf(index=index, event_id=EVENTS[index], leaf_hash=sha256(bytes([index])).digest())


def tree(size: int) -> Frontier:
    frontier = Frontier()
    for index in range(size):
        frontier, _ = frontier.append(leaf(index).leaf_hash)
    return frontier


def checkpoint(previous: int, size: int) -> Checkpoint:
    leaves = tuple(leaf(index) for index in range(previous, size))
    return Checkpoint(origin="log", size=size, root=tree(size).root(), previous=previous, leaves=leaves)


def refused(reason: str, call: Callable[[], object]) -> None:
    with pytest.raises(RejectedError) as caught:
        call()
    assert caught.value.reason == reason


def test_ledger_is_called_what_it_calls_itself() -> None:
    assert ledger_name("northants") == ledger_name("northants")


def test_checkpoint_that_goes_on_is_frontier() -> None:
    first = follow_on(Frontier(), checkpoint(0, 2))
    assert first == tree(2)
    assert follow_on(first, checkpoint(2, 5)) == tree(5)


@pytest.mark.parametrize(("previous", "size"), [(0, 2), (2, 5), (0, 0), (5, 5)])
def test_repeat_adds_nothing(previous: int, size: int) -> None:
    """A witness publishes the same checkpoint with its signature; a restart publishes it again."""
    assert follow_on(tree(5), checkpoint(previous, size)) == tree(5)


@pytest.mark.parametrize(("previous", "size"), [(3, 5), (1, 4), (0, 5)])
def test_checkpoint_that_does_not_go_on_is_a_gap(previous: int, size: int) -> None:
    refused("CHECKPOINT_GAP", lambda: follow_on(tree(2), checkpoint(previous, size)))


def test_root_that_its_leaves_do_not_lead_to_is_refused() -> None:
    """Attack: the ledger lists an event to calm its receiver, and signs a tree without it."""
    other = replace(checkpoint(2, 4), root=tree(3).root())
    refused("CHECKPOINT_ROOT", lambda: follow_on(tree(2), other))


def test_two_roots_for_one_size_are_an_alarm() -> None:
    other = replace(checkpoint(0, 2), root=tree(3).root())
    refused("CHECKPOINT_SPLIT_VIEW", lambda: follow_on(tree(2), other))


def test_checkpoint_of_the_directorys_audit_service_opens(world: World) -> None:
    value = world.checkpoint(EVENTS[0]).value
    opened = open_ledgers(value, directory=world.partnership.trusted, crypto=world.partnership.crypto)
    assert [one.event_id for one in opened.leaves] == [EVENTS[0]]
    key = world.partnership.signers["hub-audit"].public_key
    assert opened == open_checkpoint(
        value, origin=LEDGER, keys={LEDGER: key}, crypto=world.partnership.crypto, required=LEDGER
    )


def test_checkpoint_signed_with_either_key_opens_while_keys_rotate(world: World) -> None:
    value = world.checkpoint(EVENTS[0]).value
    principals = {name: world.partnership.principal(name) for name in world.partnership.trusted.principals}
    audit = principals["hub-audit"]
    spare = FileSigner(bytes([7]) * 32)
    extra = own_signing_key(spare, partnership="northants", principal="hub-audit")
    for keys in (
        (extra, *audit.signing_keys),
        (*audit.signing_keys, extra),
    ):
        principals["hub-audit"] = audit.model_copy(update={"signing_keys": keys})
        directory = world.directory(version=2, principals=tuple(principals.values()))
        assert open_ledgers(value, directory=directory, crypto=world.partnership.crypto).size == 1


def test_checkpoint_of_another_ledger_is_refused(world: World) -> None:
    value = world.checkpoint(EVENTS[0], origin="another/ledger").value
    refused(
        "CHECKPOINT_ORIGIN",
        lambda: open_ledgers(value, directory=world.partnership.trusted, crypto=world.partnership.crypto),
    )


def test_checkpoint_that_somebody_else_signed_is_refused(world: World) -> None:
    """Attack: the hub itself lists an event that its ledger does not have."""
    value = world.checkpoint(EVENTS[0], signer="hub").value
    with pytest.raises(RejectedError):
        open_ledgers(value, directory=world.partnership.trusted, crypto=world.partnership.crypto)
