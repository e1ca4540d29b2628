"""Who writes what where, who can open it, and under which key: two tables, used to seal, to verify and to provision.

Names, keys, headers, sizes and timing are visible to whoever runs the log, so they carry no person and no case.
`RULES` is the verify table: a kind of message is accepted only from these roles, on this topic, sealed to exactly these
readers in this order. Nobody can add a reader, borrow a topic or speak out of role. `ACCESS` says the same to the
brokers: who may write and read each family's topics, and how long they are kept. A test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import product
from typing import Protocol, final

from schemas.directory import Directory, Principal
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
    CONTACTS = "contacts"
    TRANSFERS = "transfers"
    WITNESS = "witness"
    MEMBERS = "members"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who has access to a family's topics: everybody of a role, or of those only the one whose topic it is.

    `owns` is the index of the owner id in the topic's name that the principal must be (a screening consumer: act for);
    None where the name does not matter.
    """

    role: PrincipalRole
    owns: int | None

    def admits(self, principal: Principal, owners: Sequence[str]) -> bool:
        """Say whether this principal has this access to the topic with these owners."""
        name = principal.acts_for if self.role is PrincipalRole.SCREENING else principal.id
        return self.role in principal.roles and (self.owns is None or owners[self.owns] == name)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the brokers hold a family's topics to: blueprint section 4, for machines.

    `owners` are the roles whose ids stand in the name, in order. `kept` is how long a message stays, None for ever.
    `partitions`: several only where work is shared by instances, and one key's order is order enough.
    """

    owners: tuple[PrincipalRole, ...]
    writers: tuple[Party, ...]
    readers: tuple[Party, ...]
    kept: timedelta | None
    partitions: int = 1


def _of(role: PrincipalRole, owns: int | None = None) -> Party:
    return Party(role=role, owns=owns)


_HOLDER, _REQUESTER = PrincipalRole.HOLDER, PrincipalRole.REQUESTER
_SCREENING, _AUDIT = PrincipalRole.SCREENING, PrincipalRole.AUDIT
_RECIPIENT, _WITNESS = PrincipalRole.RECIPIENT, PrincipalRole.WITNESS
_EVERYBODY = tuple(_of(role) for role in PrincipalRole)
KEPT = timedelta(days=14)
"""Every sealed message: a position that is older than this has been lost (blueprint section 4)."""

SHARED = 4
"""Partitions of requests, dispatches and answers. Keyed by the request, all of one request lies in one number of each,
so that several instances can share the work and each meets whole requests."""

ACCESS: dict[Family, Access] = {
    # Signed, public, personless, small: who joins in its third month checks every version and every checkpoint from
    # the first, and meets no gap in which another history could have been told.
    Family.DIRECTORY: Access(owners=(), writers=(_of(_REQUESTER),), readers=_EVERYBODY, kept=None),
    Family.CHECKPOINTS: Access(owners=(), writers=(_of(_AUDIT),), readers=_EVERYBODY, kept=None),
    Family.REQUESTS: Access(
        owners=(_HOLDER,),
        writers=(_of(_REQUESTER), _of(_HOLDER, 0)),
        readers=(_of(_HOLDER, 0),),
        kept=KEPT,
        partitions=SHARED,
    ),
    Family.DISPATCHES: Access(
        owners=(_REQUESTER,),
        writers=(_of(_REQUESTER, 0),),
        readers=(_of(_SCREENING, 0),),
        kept=KEPT,
        partitions=SHARED,
    ),
    Family.ANSWERS: Access(
        owners=(_REQUESTER, _HOLDER),
        writers=(_of(_HOLDER, 1),),
        readers=(_of(_SCREENING, 0),),
        kept=KEPT,
        partitions=SHARED,
    ),
    Family.DESK: Access(owners=(_HOLDER,), writers=(_of(_HOLDER, 0),), readers=(_of(_HOLDER, 0),), kept=KEPT),
    # Screening tools run as the requester.
    Family.SUMMARIES: Access(
        owners=(_REQUESTER,), writers=(_of(_SCREENING, 0),), readers=(_of(_REQUESTER, 0),), kept=KEPT
    ),
    Family.AUDIT: Access(owners=(), writers=_EVERYBODY, readers=(_of(_AUDIT),), kept=KEPT),
    # No kind in use travels on these yet: the kinds that will are reserved (KIND-4).
    Family.CONTACTS: Access(
        owners=(_REQUESTER,),
        writers=(_of(_REQUESTER, 0), _of(_HOLDER), _of(_RECIPIENT)),
        readers=(_of(_REQUESTER, 0),),
        kept=KEPT,
    ),
    Family.TRANSFERS: Access(
        owners=(_RECIPIENT,), writers=(_of(_REQUESTER),), readers=(_of(_RECIPIENT, 0),), kept=KEPT
    ),
    Family.WITNESS: Access(owners=(), writers=(_of(_WITNESS), _of(_AUDIT)), readers=_EVERYBODY, kept=KEPT),
    Family.MEMBERS: Access(owners=(), writers=_EVERYBODY, readers=(_of(_REQUESTER),), kept=KEPT),
}

OWNERS: dict[Family, int] = {family: len(access.owners) for family, access in ACCESS.items()}
"""How many owner ids stand in the name: for answers the requester, then the organisation that answers."""

COPIES = 3
MAX_MESSAGE_BYTES = 1_100_000
"""The largest value that the event log takes, with its key, headers and frame."""

_ID = re.compile(NAME_PATTERN)


class Identified(Protocol):
    """Whatever has a header's ids: a header, and the message that it is made for."""

    @property
    def message_id(self) -> str:
        """Its own id."""
        ...

    @property
    def request_id(self) -> str | None:
        """The request that it belongs to."""
        ...

    @property
    def thread(self) -> str | None:
        """What joins messages that belong to no request."""
        ...

    @property
    def event_id(self) -> str:
        """The audit event of the same ending."""
        ...


class Reader(StrEnum):
    """Who can open a message, seen from its topic and sender."""

    OWNER = "OWNER"  # the organisation whose topic it is (its first owner id)
    SENDER = "SENDER"
    SCREENING = "SCREENING"  # the screening consumer of the topic's requester
    AUDIT = "AUDIT"  # the partnership's audit consumer


class Key(StrEnum):
    """Which id is the message's key: messages of one key keep their order."""

    SUBJECT = "SUBJECT"  # the request's, without one the thread's, without either its own
    EVENT_ID = "EVENT_ID"

    def of(self, message: Identified) -> bytes:
        """Return the key of a message with these ids (README, TOPIC-3)."""
        if self is Key.EVENT_ID:
            return message.event_id.encode()
        return (message.request_id or message.thread or message.message_id).encode()


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
        key=Key.SUBJECT,
        bucket=8 * _KIB,
    ),
    Kind.DECISION: Rule(
        family=Family.REQUESTS,
        senders=frozenset({PrincipalRole.HOLDER}),
        sender_owns=0,
        readers=(Reader.OWNER,),
        key=Key.SUBJECT,
        bucket=32 * _KIB,
    ),
    Kind.DISPATCH: Rule(
        family=Family.DISPATCHES,
        senders=frozenset({PrincipalRole.REQUESTER}),
        sender_owns=0,
        readers=(Reader.SCREENING,),
        key=Key.SUBJECT,
        bucket=8 * _KIB,
    ),
    Kind.ANSWER: Rule(
        family=Family.ANSWERS,
        senders=frozenset({PrincipalRole.HOLDER}),
        sender_owns=1,
        readers=(Reader.SCREENING,),
        key=Key.SUBJECT,
        bucket=16 * _KIB,
    ),
    Kind.DESK_ITEM: Rule(
        family=Family.DESK,
        senders=frozenset({PrincipalRole.HOLDER}),
        sender_owns=0,
        readers=(Reader.OWNER,),
        key=Key.SUBJECT,
        bucket=32 * _KIB,
    ),
    Kind.SUMMARY: Rule(
        family=Family.SUMMARIES,
        senders=frozenset({PrincipalRole.SCREENING}),
        sender_owns=None,
        readers=(Reader.OWNER, Reader.SENDER),
        key=Key.SUBJECT,
        bucket=8 * _KIB,
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


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic that a partnership needs."""

    name: str
    family: Family
    owners: tuple[str, ...]

    @property
    def partitions(self) -> int:
        """How many partitions it has; never changed once there, because keys would move to others."""
        return ACCESS[self.family].partitions


def topics_needed(directory: Directory) -> tuple[Topic, ...]:
    """Return every topic of a partnership: each family once for each combination of owners."""
    return tuple(
        Topic(name=topic_name(directory.partnership, family, *owners), family=family, owners=owners)
        for family, access in ACCESS.items()
        for owners in product(
            *([one.id for one in directory.principals if role in one.roles] for role in access.owners)
        )
    )


def family_of(topic: str) -> Family | None:
    """Return the family of any partnership's topic, None where it is no such name."""
    partnership = topic.partition(".")[2].partition(".")[0]
    return next((family for family in Family if topic_owners(partnership, family, topic) is not None), None)


def topic_configuration(family: Family | None, *, copies: int) -> dict[str, str]:
    """Return how the brokers are to keep a topic with so many replicas; without a family, as one with sealed messages.

    Kafka's words are those of its topic configuration reference (kafka.apache.org/documentation/#topicconfigs).
    """
    kept = ACCESS[family].kept if family else KEPT
    return {
        "cleanup.policy": "delete",  # compaction would drop all but the last message of a request
        "retention.ms": "-1" if kept is None else str(_milliseconds(kept)),
        "retention.bytes": "-1",  # a limit in bytes would let whoever floods a topic delete what others wrote
        # Whole segments expire, by their newest message. With Kafka's seven days what is kept 14 stays up to 21.
        "segment.ms": str(_milliseconds(timedelta(days=7 if kept is None else 1))),
        # A message's age is told by the brokers' clock; by its writer's, it could expire at once, or never.
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
        "min.insync.replicas": str(max(1, copies - 1)),  # acknowledged means: survives the loss of a node
        "unclean.leader.election.enable": "false",  # a replica that has fallen behind would lose what was acknowledged
    }


def _milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
