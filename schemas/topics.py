"""Who writes what where, who can open it, and under which key: one table, used to seal, to verify and to provision.

Names, keys, headers, sizes and timing are visible to whoever runs the log, so they carry no person and no case.
`RULES` is the verify table: a kind of message is accepted only from these roles, on this topic, sealed to exactly these
readers in this order. Nobody can add a reader, borrow a topic or speak out of role.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from schemas.scalars import NAME_PATTERN
from schemas.vocabulary import Kind, PrincipalRole

PREFIX = "mash"
VERSION = "v1"


class Family(StrEnum):
    """A family of topics; the owners' ids follow the family's name."""

    DIRECTORY = "directory"
    REQUESTS = "requests"
    DISPATCHES = "dispatches"
    ANSWERS = "answers"
    DESK = "desk"
    SUMMARIES = "summaries"
    AUDIT = "audit"
    CHECKPOINTS = "checkpoints"


OWNERS: dict[Family, int] = {
    Family.DIRECTORY: 0,
    Family.REQUESTS: 1,
    Family.DISPATCHES: 1,
    Family.ANSWERS: 2,
    Family.DESK: 1,
    Family.SUMMARIES: 1,
    Family.AUDIT: 0,
    Family.CHECKPOINTS: 0,
}
"""How many owner ids stand in the name: for answers the requester, then the organisation that answers."""

_ID = re.compile(NAME_PATTERN)


class Reader(StrEnum):
    """Who can open a message, seen from its topic and sender."""

    OWNER = "OWNER"  # the organisation whose topic it is (its first owner id)
    SENDER = "SENDER"
    SCREENING = "SCREENING"  # the screening consumer of the topic's requester
    AUDIT = "AUDIT"  # the partnership's audit consumer


class Key(StrEnum):
    """Which id is the message's key."""

    REQUEST_ID = "REQUEST_ID"
    EVENT_ID = "EVENT_ID"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What must hold for one kind of message. `bucket` is the smallest padded size in bytes (README, PAD-1).

    `sender_owns` is the index of the owner id in the topic's name that must be the sender, None where anybody of the
    role may write.
    """

    family: Family
    senders: frozenset[PrincipalRole]
    sender_owns: int | None
    readers: tuple[Reader, ...]
    key: Key
    bucket: int


_ALL = frozenset(PrincipalRole)
_KIB = 1024

RULES: dict[Kind, Rule] = {
    Kind.REQUEST: Rule(
        family=Family.REQUESTS,
        senders=frozenset({PrincipalRole.REQUESTER}),
        sender_owns=None,
        readers=(Reader.OWNER,),
        key=Key.REQUEST_ID,
        bucket=8 * _KIB,
    ),
    Kind.DECISION: Rule(
        family=Family.REQUESTS,
        senders=frozenset({PrincipalRole.HOLDER}),
        sender_owns=0,
        readers=(Reader.OWNER,),
        key=Key.REQUEST_ID,
        bucket=32 * _KIB,
    ),
    Kind.DISPATCH: Rule(
        family=Family.DISPATCHES,
        senders=frozenset({PrincipalRole.REQUESTER}),
        sender_owns=0,
        readers=(Reader.SCREENING,),
        key=Key.REQUEST_ID,
        bucket=8 * _KIB,
    ),
    Kind.ANSWER: Rule(
        family=Family.ANSWERS,
        senders=frozenset({PrincipalRole.HOLDER}),
        sender_owns=1,
        readers=(Reader.SCREENING,),
        key=Key.REQUEST_ID,
        bucket=16 * _KIB,
    ),
    Kind.DESK_ITEM: Rule(
        family=Family.DESK,
        senders=frozenset({PrincipalRole.HOLDER}),
        sender_owns=0,
        readers=(Reader.OWNER,),
        key=Key.REQUEST_ID,
        bucket=32 * _KIB,
    ),
    Kind.SUMMARY: Rule(
        family=Family.SUMMARIES,
        senders=frozenset({PrincipalRole.SCREENING}),
        sender_owns=None,
        readers=(Reader.OWNER, Reader.SENDER),
        key=Key.REQUEST_ID,
        bucket=64 * _KIB,
    ),
    Kind.AUDIT_EVENT: Rule(
        family=Family.AUDIT,
        senders=_ALL,
        sender_owns=None,
        readers=(Reader.AUDIT, Reader.SENDER),
        key=Key.EVENT_ID,
        bucket=4 * _KIB,
    ),
}


def topic_name(partnership: str, family: Family, *owners: str) -> str:
    """Return the topic's name, e.g. `mash.northants.answers.hub.police.v1`.

    Raises: ValueError where an owner is no id: one with a dot in it would name somebody else's topic.
    """
    if not _are_owners(family, owners):
        raise ValueError(f"not the owners of a {family.value} topic")
    return ".".join((PREFIX, partnership, family.value, *owners, VERSION))


def topic_owners(partnership: str, family: Family, topic: str) -> tuple[str, ...] | None:
    """Return the owner ids in a topic's name, or None where it is not of this family and partnership."""
    start = f"{PREFIX}.{partnership}.{family.value}."
    if not topic.startswith(start):
        return None
    *owners, version = topic[len(start) :].split(".")
    return tuple(owners) if version == VERSION and _are_owners(family, tuple(owners)) else None


def _are_owners(family: Family, owners: tuple[str, ...]) -> bool:
    return len(owners) == OWNERS[family] and all(_ID.fullmatch(owner) for owner in owners)
