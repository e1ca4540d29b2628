"""Which member of a group gets which partition of a topic: pure, and the same wherever the group's leader runs.

Promise: a partition stays with the live member that holds its claim, up to that member's even share; no partition is
left over while there is a member. (1) Where two members say that they hold a partition, the one that fenced the
other is right: its producer epoch is the higher. (2) Who holds more than an even share gives the rest up. (3) What is
free goes to whoever has fewest, of those that wait for more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

Fence = tuple[int, int]
"""Producer id and epoch, as the transaction coordinator gave them out: they only rise."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What a member tells the group's leader: what it holds, and whether it would take more."""

    held: Mapping[int, Fence]
    waits: bool

    def encode(self) -> bytes:
        """Return the form that travels in JoinGroup."""
        held = {str(partition): list(fence) for partition, fence in self.held.items()}
        return json.dumps({"held": held, "waits": self.waits}).encode()


def decode(data: bytes) -> Membership:
    """Read what a member told. Raises: ValueError, KeyError or TypeError where it is not ours."""
    told = json.loads(data)
    held = {int(partition): (int(fence[0]), int(fence[1])) for partition, fence in told["held"].items()}
    return Membership(held=held, waits=bool(told["waits"]))


def share(members: Mapping[str, Membership], partitions: Sequence[int]) -> dict[str, list[int]]:
    """Return each member's partitions, in order."""
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
