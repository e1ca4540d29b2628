"""A partnership of its own for the fuzzer, and whoever holds one of its keys and seals what the product never would."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

from agents.sdk.agent import SectorAgent
from agents.sdk.importer import ImportTerms, import_files
from broker.adapters.keystore import load_root
from broker.adapters.sql import SqlDatabase
from broker.bootstrap.principal import OpenPrincipal, open_principal, utc_now
from broker.bootstrap.records import open_records, source_terms
from broker.bootstrap.requester import build_requester
from broker.bootstrap.sectors import load_agents
from broker.exchange.parse import parse
from broker.exchange.seal import UnsealedMessage
from broker.partnership.enrolment import Plan, create_home
from broker.partnership.profile import load_profile
from broker.ports import CommittedOffset, LogOffset, LogReader, Message, Outgoing
from fuzzing.mutation import Mutator
from schemas.codec import encode_parts
from schemas.exchange import Dispatch
from schemas.request import InformationRequest
from schemas.scalars import Wire
from schemas.topics import Family, topic_name
from schemas.vocabulary import Kind, RatingBand, ReviewPolicy, Sector

SECTORS: Final = {
    "police": Sector.POLICE,
    "health": Sector.HEALTH,
    "education": Sector.EDUCATION,
    "probation": Sector.PROBATION,
}
ROOTS: Final = ("hub", "police")
UNWRITABLE: Final = (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError)
"""What Avro's writer says of a value that no sender could put on the wire, however ill it meant."""

warnings.filterwarnings("ignore", message="Pydantic serializer warnings")  # a mutated record is no valid one


class Partnership:
    """One hub and four organisations in a folder of their own; the police have the invented family on record."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.random = random
        self.mutator = Mutator(random)
        loaded = load_profile("northamptonshire")
        policies = dict.fromkeys(RatingBand, ReviewPolicy.NONE) | {RatingBand.AMBER: ReviewPolicy.BEFORE}
        plan = Plan(
            profile=loaded.profile,
            files=loaded.files,
            organisations=SECTORS,
            review=dict.fromkeys(SECTORS, policies),
        )
        self.folder = folder
        self.home = create_home(folder / "home", plan, now=utc_now())
        self.name = loaded.profile.partnership
        self._open: dict[str, OpenPrincipal] = {}
        self._databases: list[SqlDatabase] = []
        self._offset = 0

    def principal(self, name: str) -> OpenPrincipal:
        """Return an open principal; the same one each time."""
        if name not in self._open:
            self._open[name] = open_principal(self.home.folder(name), observe=lambda *_: None)
        return self._open[name]

    def database(self, name: str, schema: Sequence[str]) -> SqlDatabase:
        """Return a new database beside the partnership's own."""
        self._databases.append(SqlDatabase.open(self.folder / f"{name}.sqlite", schema=schema))
        return self._databases[-1]

    def topic(self, family: Family, *owners: str) -> str:
        """Return a topic's name here."""
        return topic_name(self.name, family, *owners)

    @cached_property
    def root_keys(self) -> Mapping[str, bytes]:
        """The pinned roots."""
        return {name: load_root(self.home.folder(name) / "keys").public_key for name in ROOTS}

    def id(self) -> str:
        """Return a fresh id."""
        return str(UUID(bytes=self.random.randbytes(16), version=4))

    def load_records(self, name: str) -> None:
        """Import an organisation's example files into its own store."""
        principal, agent = self.principal(name), load_agents()[SECTORS[name]]
        assert isinstance(agent, SectorAgent)
        import_files(
            list(agent.examples()),
            agent=agent,
            store=agent.source(open_records(principal, agent), source_terms(principal, agent)),
            terms=ImportTerms(now=principal.clock(), verified_identifiers=False),
        )

    # ------------------------------------------------------------ messages

    def sealed(self, sender: str, kind: Kind, topic: str, record: Wire, **changes: Any) -> Message | None:
        """Return a record, sealed and signed with a member's own key; None where nobody could write it."""
        try:
            encode_parts(record)
        except UNWRITABLE:
            return None
        principal = self.principal(sender)
        part = getattr(record, next(iter(type(record).model_fields)))
        request_id = getattr(part, "request_id", None) if kind is not Kind.AUDIT_EVENT else None
        values: dict[str, Any] = {
            "message_id": self.id(),
            "request_id": request_id,
            "answers": None,
            "event_id": self.id(),
            "stream": f"{sender}.fuzz",
            "sequence": 1,
            "issued_at": principal.clock(),
        }
        unsealed = UnsealedMessage(kind=kind, topic=topic, record=record, **values | changes)
        try:
            outgoing = principal.sealer.seal(unsealed).outgoing
        except UNWRITABLE:  # an id of part 0 that no header can have
            return None
        return self.placed(outgoing)

    def placed(self, outgoing: Outgoing) -> Message:
        """Return a message at the next place of its topic."""
        self._offset += 1
        place = LogOffset(topic=outgoing.topic, partition=0, offset=self._offset)
        return Message(place=place, key=outgoing.key, value=outgoing.value)

    def at_next_place(self, message: Message) -> Message:
        """Return the same message at a later place."""
        self._offset += 1
        return replace(message, place=replace(message.place, offset=self._offset))

    # ------------------------------------------------------------ what is asked

    def form(self) -> dict[str, Any]:
        """Return the invented family's request to all four organisations."""
        path = next((Path(__file__).parents[2] / "agents/police/examples/requests").glob("*.json"))
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return document | {"agencies": list(SECTORS)}

    async def asked(self) -> list[Message]:
        """Return what the hub publishes for that form: dispatch, requests and audit event."""
        requester, kept = build_requester(self.principal("hub")), _Kept()
        requester.outbox.put, requester.outbox.drain = kept.put, kept.drain  # type: ignore[method-assign]
        document = json.dumps(self.form()).encode()
        await requester.ask(document, request_id=None, log=None, now=utc_now())  # type: ignore[arg-type]
        return [self.placed(one) for one in kept.messages]

    def opened(self, name: str, message: Message, record: type[Any]) -> Any:
        """Return the record of an honest message."""
        principal = self.principal(name)
        return principal.verifier.verify(parse(message), record=record, now=principal.clock()).record

    async def honest(self) -> tuple[InformationRequest, Dispatch, Message]:
        """Return an honest request to the police, its dispatch, and the message that the request came in."""
        messages = await self.asked()
        request = next(one for one in messages if one.place.topic == self.topic(Family.REQUESTS, "police"))
        dispatch = next(one for one in messages if one.place.topic == self.topic(Family.DISPATCHES, "hub"))
        return (
            self.opened("police", request, InformationRequest),
            self.opened("hub-screening", dispatch, Dispatch),
            request,
        )

    def close(self) -> None:
        """Close every store."""
        for principal in self._open.values():
            principal.close()
        for database in self._databases:
            database.close()


class _Kept:
    """An outbox that keeps what is put into it, and sends nothing."""

    def __init__(self) -> None:
        self.messages: list[Outgoing] = []

    def put(self, transaction: Any, sequence: int, messages: Sequence[Outgoing]) -> None:
        self.messages += messages

    async def drain(self, log: Any) -> None:
        return None


class OneTopic(LogReader):
    """A log of one topic with one partition, as a reader sees it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def partitions(self, topic: str) -> int:
        return 1

    async def read(self, topic: str, partition: int, *, offset: int, most: int, wait: timedelta) -> tuple[Message, ...]:
        return tuple(one for one in self.messages if one.place.offset >= offset)[:most]

    async def end(self, topic: str, partition: int) -> int:
        return self.messages[-1].place.offset + 1 if self.messages else 0

    async def committed(self, topic: str, partition: int, *, group: str) -> CommittedOffset:
        return CommittedOffset(offset=0)
