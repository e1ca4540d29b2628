"""Checkpoints: which audit events are in the ledger for certain. The ledger is not believed, it is followed.

(1) The audit service's own key signed it, for this ledger; (2) it goes on from the size that was followed so far;
(3) appending its leaves gives the root that it signs. Only then do its leaves count. One that does not go on is an
alarm, CHECKPOINT_GAP, and its leaves stay unrecorded (fail closed: what stands under an unproved root can be unsaid)
until it comes again after the ones that were missing. A repeat, say with a witness's signature, adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from broker.errors import RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.ports import Crypto
from broker.transparency.merkle import Frontier
from broker.transparency.note import Checkpoint, open_checkpoint
from schemas.topics import PREFIX
from schemas.vocabulary import PrincipalRole


def ledger_name(partnership: str) -> str:
    """Return the ledger's name: the origin of its checkpoints, the name of its key, the key of its messages."""
    return f"{PREFIX}.{partnership}/audit"


def open_own(value: bytes, *, origin: str, public_keys: Sequence[bytes], crypto: Crypto) -> Checkpoint:
    """Return a checkpoint that one of the ledger's own keys signed (keys change over the years).

    Raises: RejectedError as `open_checkpoint` does, for the last key tried.
    """
    refusal = RejectedError("NOTE_UNSIGNED", f"no key of {origin} is known")
    for key in public_keys:
        try:
            return open_checkpoint(value, origin=origin, keys={origin: key}, crypto=crypto, required=origin)
        except RejectedError as error:
            refusal = error
    raise refusal


def open_ledgers(value: bytes, *, directory: TrustedDirectory, crypto: Crypto) -> Checkpoint:
    """Return a checkpoint that the partnership's audit service signed with a key of today's directory (1).

    Raises: RejectedError `NOTE_*`, `CHECKPOINT_MALFORMED`, `CHECKPOINT_ORIGIN`, `NOT_TAKING_PART`; InvariantError
    where the directory does not have one audit service.
    """
    audit = directory.principal(directory.only(PrincipalRole.AUDIT).id)
    keys = [key.public_key for key in audit.signing_keys]  # two while keys rotate
    return open_own(value, origin=ledger_name(directory.directory.partnership), public_keys=keys, crypto=crypto)


def follow_on(frontier: Frontier, checkpoint: Checkpoint) -> Frontier:
    """Return the frontier that the checkpoint leads to; the same one where it is a repeat.

    Raises: RejectedError `CHECKPOINT_GAP` (2), `CHECKPOINT_ROOT` (3), `CHECKPOINT_SPLIT_VIEW` (another root for the
    size that was followed so far).
    """
    if checkpoint.size == frontier.size and checkpoint.root != frontier.root():
        raise RejectedError("CHECKPOINT_SPLIT_VIEW", f"two roots for size {checkpoint.size}")
    if checkpoint.size <= frontier.size:
        return frontier
    if checkpoint.previous != frontier.size:  # (2)
        raise RejectedError("CHECKPOINT_GAP", f"goes on from {checkpoint.previous}, followed to {frontier.size}")
    for leaf in checkpoint.leaves:
        frontier, _ = frontier.append(leaf.leaf_hash)
    if frontier.root() != checkpoint.root:  # (3)
        raise RejectedError("CHECKPOINT_ROOT", f"its leaves do not lead to the root of size {checkpoint.size}")
    return frontier
