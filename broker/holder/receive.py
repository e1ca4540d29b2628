"""Receive: a message from the log becomes a verified request to this organisation, or says why it is none.

(1) parse; (2) verify; (3) the sealed content agrees with the envelope: the sender asks for itself, and asks us; (4)
what is sought is cut down to what matching may use, so that an identifier with a wrong check digit is never matched
on.
"""

from __future__ import annotations

from datetime import datetime

from broker.errors import RejectedError
from broker.exchange.parse import parse
from broker.exchange.verify import Verified, Verifier
from broker.holder.source import IdentifierHeld, NameHeld, PersonSought
from broker.ports import Message
from schemas.identifiers import check
from schemas.request import IdentifierAsked, InformationRequest, PersonAsked


def receive(message: Message, *, verifier: Verifier, now: datetime) -> Verified[InformationRequest]:
    """Parse and verify one request. Raises: RejectedError with the reason it is set aside for."""
    request = verifier.verify(parse(message), record=InformationRequest, now=now)  # (1) (2)
    common, addressed = request.record.common, request.record.addressed
    if common.organisation != request.sender.id or addressed.organisation != verifier.keys.principal:  # (3)
        raise RejectedError("SPLICED", "header and content name different organisations")
    refs = {person.ref for person in common.people}
    if any(identifier.person not in refs for identifier in addressed.identifiers):
        raise RejectedError("SPLICED", "an identifier belongs to nobody asked about")
    return request


def sought(request: InformationRequest, refs: frozenset[str]) -> tuple[PersonSought, ...]:
    """Return the people with these refs as matching may see them (4)."""
    return tuple(
        _sought(person, request.addressed.identifiers)
        for person in request.common.people
        if person.ref in refs
    )


def _sought(person: PersonAsked, identifiers: tuple[IdentifierAsked, ...]) -> PersonSought:
    checked = [check(one.scheme, one.value) for one in identifiers if one.person == person.ref]
    return PersonSought(
        ref=person.ref,
        role=person.role,
        name=NameHeld(given_names=person.given_names, family_name=person.family_name),
        date_of_birth=person.date_of_birth,
        sex=person.sex,
        postcodes=person.postcodes,
        identifiers=tuple(IdentifierHeld(scheme=one.scheme, value=one.value) for one in checked if one.valid),
    )
