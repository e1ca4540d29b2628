"""A principal's keys as ports: to sign, to open, to keep at rest. No key byte is handed out; an HSM fits behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import final

from broker.ports import Opener, RestKey, Signer
from schemas.folding import name_key
from schemas.request import PersonAsked


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """Everything one principal signs, opens and keeps with.

    `openers` is by SHA-256 of the public key (epochs).

    `pseudonym` is HMAC-SHA-256 under a key of this principal alone: it can find a person's events again, nobody
    else can.

    `search` is HMAC-SHA-256 under the partnership's search key, which every member has but the audit service: events
    about one person meet, whoever wrote them.
    """

    principal: str
    signer: Signer = field(repr=False)
    openers: Mapping[bytes, Opener] = field(repr=False)
    rest: RestKey = field(repr=False)
    pseudonym: Callable[[bytes], bytes] = field(repr=False)
    search: Callable[[bytes], bytes] = field(repr=False)

    def pseudonym_of(self, person: PersonAsked) -> bytes:
        """Return the 32-byte pseudonym of somebody asked about: the same for the same person, spelt either way."""
        folded = "|".join(map(name_key, (person.family_name, *person.given_names)))
        return self.pseudonym(f"{folded}|{person.date_of_birth or person.birth}".encode())
