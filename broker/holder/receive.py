"""Receive: a message from the log becomes an enquiry this organisation must answer, or says why it is none.

(1) parse; (2) verify; (3) a decision of our own desk brings the original message, which is verified again, with the
place it first had: a decision skips no step, it only offers evidence to the step that asked; (4) the sealed content
agrees with the envelope: the sender asks for itself, and asks us; (5) what is sought is cut down to what matching
may use, so that an identifier with a wrong check digit is never matched on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import final

from broker.errors import RejectedError
from broker.exchange.envelope import sha256
from broker.exchange.parse import Unverified, parse
from broker.exchange.verify import Verified, Verifier
from broker.holder.source import IdentifierHeld, NameHeld, PersonSought
from broker.ports import LogOffset, Message
from schemas.exchange import Decided, Original
from schemas.identifiers import check
from schemas.request import IdentifierAsked, InformationRequest, PersonAsked, RequestCommon
from schemas.vocabulary import Kind


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Enquiry:
    """One message to end: the verified request, the message that brought it first, and the decision if it is one.

    `incoming` is the message just received: the request itself, or the decision about it.
    """

    request: Verified[InformationRequest]
    original: Message = field(repr=False)
    incoming: Message = field(repr=False)
    incoming_digest: bytes
    decided: Verified[Decided] | None

    @property
    def asked(self) -> RequestCommon:
        """Return the part of the request that all organisations got."""
        return self.request.record.common


def receive(message: Message, *, verifier: Verifier, now: datetime) -> Enquiry:
    """Parse and verify one message. Raises: RejectedError with the reason it is quarantined for."""
    unverified = parse(message)  # (1)
    if unverified.kind is not Kind.DECISION:
        request = _request(unverified, verifier, now)  # (2)
        return Enquiry(
            request=request, original=message, incoming=message, incoming_digest=request.digest, decided=None
        )
    decided = verifier.verify(unverified, record=Decided, now=now)
    original = _original(decided.record.body.original)  # (3)
    request = _request(parse(original), verifier, now)
    if request.header.request_id != decided.header.request_id:
        raise RejectedError("SPLICED", "the decision is about another request than its original")
    return Enquiry(
        request=request, original=original, incoming=message, incoming_digest=decided.digest, decided=decided
    )


def _request(unverified: Unverified, verifier: Verifier, now: datetime) -> Verified[InformationRequest]:
    request = verifier.verify(unverified, record=InformationRequest, now=now)
    common, addressed = request.record.common, request.record.addressed
    if common.organisation != request.sender.id or addressed.organisation != verifier.keys.principal:  # (4)
        raise RejectedError("SPLICED", "header and content name different organisations")
    refs = {person.ref for person in common.people}
    if any(identifier.person not in refs for identifier in addressed.identifiers):
        raise RejectedError("SPLICED", "an identifier belongs to nobody asked about")
    return request


def _original(kept: Original) -> Message:
    if sha256(kept.value) != kept.digest:
        raise RejectedError("SPLICED", "the original is not whole")
    place = LogOffset(topic=kept.topic, partition=kept.partition, offset=kept.offset)
    return Message(place=place, key=kept.key, value=kept.value)


def sought(request: InformationRequest, refs: frozenset[str]) -> tuple[PersonSought, ...]:
    """Return the people with these refs as matching may see them (5)."""
    return tuple(
        _sought(person, request.addressed.identifiers) for person in request.common.people if person.ref in refs
    )


def _sought(person: PersonAsked, identifiers: tuple[IdentifierAsked, ...]) -> PersonSought:
    checked = [check(one.scheme, one.value) for one in identifiers if one.person == person.ref]
    return PersonSought(
        ref=person.ref,
        roles=person.roles,
        name=NameHeld(given_names=person.given_names, family_name=person.family_name),
        date_of_birth=person.date_of_birth,
        birth=person.birth,
        sex=person.sex,
        postcodes=person.postcodes,
        identifiers=tuple(IdentifierHeld(scheme=one.scheme, value=one.value) for one in checked if one.valid),
        relation=person.relation_to_child,
    )
