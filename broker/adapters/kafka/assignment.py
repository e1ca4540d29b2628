"""The assignment of a topic's partitions to a group's members: a pure function, run on the group's leader.

Promise: a partition stays with the live member that holds its claim, up to that member's even share; no partition is
unassigned while there is a member. (1) Where two members report a claim on one partition, the one with the higher
producer epoch has fenced the other. (2) A member with more than an even share gives up the rest. (3) A free partition
goes to the waiting member that has fewest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

Fence = tuple[int, int]
"""Producer id and epoch from the transaction coordinator; a later claim's pair is always the higher."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A member's user data in JoinGroup: the claims that it holds, and whether it waits for another partition."""

    held: Mapping[int, Fence]
    waits: bool

    def encode(self) -> bytes:
        """Return the JSON that JoinGroup carries."""
        held = {str(partition): list(fence) for partition, fence in self.held.items()}
        return json.dumps({"held": held, "waits": self.waits}).encode()


def decode(data: bytes) -> Membership:
    """Read a member's user data. Raises: ValueError, KeyError or TypeError for another assignor's."""
    told = json.loads(data)
    held = {int(partition): (int(fence[0]), int(fence[1])) for partition, fence in told["held"].items()}
    return Membership(held=held, waits=bool(told["waits"]))


def share(members: Mapping[str, Membership], partitions: Sequence[int]) -> dict[str, list[int]]:
    """Return each member's partitions, in ascending order."""
    names = sorted(members)
    shares: dict[str, list[int]] = {name: [] for name in names}
    waiting = [name for name in names if members[name].waits] or names
    even = -(-len(partitions) // len([name for name in names if members[name].waits or members[name].held] or names))
    free = []
    for partition in sorted(partitions):
        holder = _holder(members, names, partition)  # (1)
        if holder is not None and len(shares[holder]) < even:  # (2)
            shares[holder].append(partition)
        else:
            free.append(partition)
    for partition in free:  # (3)
        shares[min(waiting, key=lambda name: len(shares[name]))].append(partition)
    return {name: sorted(numbers) for name, numbers in shares.items()}


def _holder(members: Mapping[str, Membership], names: Sequence[str], partition: int) -> str | None:
    claims = [(members[name].held[partition], name) for name in names if partition in members[name].held]
    return max(claims)[1] if claims else None
