"""Who is in the partnership, with which keys and agreements. Signed by two organisations' roots; holds no person."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.scalars import MOST_WORDS, Code, Count, Digest, Name, Ref, ShortText, Timestamp, Wire, WordOf
from schemas.vocabulary import (
    BodyInLaw,
    Capability,
    DataClass,
    Listed16LA,
    Membership,
    Mode,
    PrincipalRole,
    PrincipalState,
    Purpose,
    RatingBand,
    ReviewPolicy,
    Sector,
)


class SigningKey(Wire):
    """An Ed25519 public key; `key_id` is the first 32 hex digits of its SHA-256."""

    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """The key's id (KEY-1)."""
    public_key: Annotated[bytes, Field(min_length=32, max_length=32)]
    """The key itself."""
    possession: Annotated[bytes, Field(min_length=64, max_length=64)]
    """The key's own signature over itself and its member's id (DIR-25)."""
    valid_from: Timestamp | None = None
    """From when it signs; null: from the beginning."""
    valid_until: Timestamp | None = None
    """From when it signs no more; null: without end."""


class KemKey(Wire):
    """An X-Wing public key for one weekly epoch; after `open_until` its private half is destroyed."""

    public_key: Annotated[bytes, Field(min_length=1216, max_length=1216)]
    """The key itself."""
    seal_from: Timestamp
    """From when it is sealed to (KEY-3)."""
    seal_until: Timestamp
    """Until when it is sealed to."""
    open_until: Timestamp
    """When its private half is destroyed (KEY-4)."""
    signature: Annotated[bytes, Field(min_length=64, max_length=64)]
    """The member's signature over this key and its times (DIR-25)."""


class WitnessKey(Wire):
    """A key with which an organisation cosigns checkpoints as a witness (C2SP tlog-cosignature)."""

    type: Count
    """The kind of signature, a number of C2SP signed notes."""
    name: ShortText
    """The witness's name in a cosignature line."""
    key: Annotated[bytes, Field(min_length=1, max_length=4096)]
    """The public key, as that kind has it."""


class Principal(Wire):
    """One process identity: an organisation's agent, the hub, its screening or audit consumer."""

    id: Name
    """Its name in headers and topics."""
    name: ShortText
    """What people read."""
    roles: Annotated[tuple[PrincipalRole, ...], Field(min_length=1, max_length=8, fail_fast=True)]
    """What it does in an exchange."""
    sector: Sector
    """Which adapter and which law it falls under."""
    acts_for: Name
    """The organisation that it acts for."""
    state: PrincipalState
    """How far it is enrolled."""
    signing_keys: Annotated[tuple[SigningKey, ...], Field(min_length=1, max_length=8, fail_fast=True)]
    """The keys that it signs with."""
    kem_keys: Annotated[tuple[KemKey, ...], Field(min_length=1, max_length=16, fail_fast=True)]
    """The keys that are sealed to."""
    body: Annotated[Code, WordOf(BodyInLaw)] | None = None
    """What it is in law; null: as its sector."""
    listed_16la: Annotated[Code, WordOf(Listed16LA)] | None = None
    """By what it is under the duty of Children Act 2004 s.16LA; null: as its sector."""
    listed_47_11: bool | None = None
    """Whether Children Act 1989 s.47(11) lists it; null: as its sector."""
    membership: Annotated[Code, WordOf(Membership)] | None = None
    """How it takes part."""
    areas: Annotated[tuple[Code, ...], Field(max_length=100, fail_fast=True)] = ()
    """The areas that it acts for, by ONS code; empty: the whole partnership's."""
    calendar: Ref | None = None
    """The profile's calendar by which its clocks run; null: the hub's."""
    witness_keys: Annotated[tuple[WitnessKey, ...], Field(max_length=8, fail_fast=True)] = ()
    """The keys with which it cosigns checkpoints."""


class ReviewRule(Wire):
    """When a practitioner looks at a draft of one band."""

    band: RatingBand
    """At which band."""
    policy: ReviewPolicy
    """When a practitioner looks."""


class SharingAgreement(Wire):
    """A data sharing agreement in force between one holder and one requester."""

    id: Ref
    """The agreement's reference."""
    version: Count
    """Its version."""
    holder: Name
    """Who answers under it."""
    requester: Name
    """Who asks under it."""
    valid_from: Timestamp
    """From when it is in force."""
    valid_until: Timestamp
    """Until when it is in force."""
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """For what may be asked."""
    data_classes: Annotated[tuple[DataClass, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """What may be asked for."""
    modes: Annotated[tuple[Mode, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """Whether existence may be asked for, content, or both."""
    review: Annotated[tuple[ReviewRule, ...], Field(max_length=4, fail_fast=True)]
    """When a practitioner looks, by band; at a band that is not here, before anything leaves."""

    def review_at(self, band: RatingBand) -> ReviewPolicy:
        """Return when a practitioner looks at this band: of several rules the first, of none BEFORE."""
        return next((rule.policy for rule in self.review if rule.band is band), ReviewPolicy.BEFORE)


class SuiteWindow(Wire):
    """A cipher suite and the time in which it is accepted."""

    name: Code
    """The suite (HEAD-2)."""
    accepted_from: Timestamp
    """From when it is accepted."""
    accepted_until: Timestamp | None
    """Until when; null: without end."""


class Directory(Wire):
    """One version of the directory."""

    partnership: Name
    """Whose directory it is."""
    version: Count
    """Its number, one higher each time."""
    issued_at: Timestamp
    """When it was made."""
    expires_at: Timestamp
    """When it is stale (DIR-6)."""
    previous_digest: Digest | None
    """The digest of the version before it (DIR-3); null in the first."""
    register_digest: Annotated[Digest, Field(description="Who may act: pins `register-DIGEST.avro` (DIR-7).")]
    profile_digest: Annotated[
        Digest, Field(description="The partnership's profile: pins `profile-DIGEST.toml` (DIR-16).")
    ]
    protocol_digest: Annotated[
        Digest, Field(description="The gate's local layer: pins `protocol-DIGEST.toml` (DIR-16).")
    ]
    law_digest: Annotated[Digest, Field(description="The gate's law layer: pins `law-DIGEST.toml` (DIR-16).")]
    suites: Annotated[tuple[SuiteWindow, ...], Field(min_length=1, max_length=8, fail_fast=True)]
    """The cipher suites that are accepted."""
    principals: Annotated[tuple[Principal, ...], Field(min_length=1, max_length=2000, fail_fast=True)]
    """Who takes part."""
    agreements: Annotated[tuple[SharingAgreement, ...], Field(max_length=5000, fail_fast=True)]
    """Under what is shared."""
    witness_quorum: Count | None = None
    """How many witnesses must have cosigned a checkpoint; null: none is asked for."""


class RootSignature(Wire):
    """One organisation's root over the exact bytes beside it."""

    organisation: Name
    """Whose root it is."""
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """That root's id (KEY-1)."""
    signature: Annotated[bytes, Field(min_length=64, max_length=64)]
    """The signature (DIR-1, ROOT-1)."""


class SignedDirectory(Wire):
    """The directory as it is kept and published."""

    directory: bytes
    """The exact bytes that were signed."""
    signatures: Annotated[tuple[RootSignature, ...], Field(min_length=2, max_length=8, fail_fast=True)]
    """The roots' signatures."""


class HeldCapability(Wire):
    """Something that a person may do, and within which limits."""

    capability: Capability
    """What they may do, in the wire's own words."""
    bands: Annotated[tuple[RatingBand, ...], Field(max_length=4, fail_fast=True)] = ()
    """At which bands only; empty: at all of them."""
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=20, fail_fast=True)] = ()
    """For which purposes only; empty: for all of them."""

    def covers(self, band: RatingBand | None, purpose: Purpose | None) -> bool:
        """Say whether this band and purpose are within the limits. Where one is not known, a limit to it fails."""
        return (not self.bands or band in self.bands) and (not self.purposes or purpose in self.purposes)


class Person(Wire):
    """An acting person in the register, under one title there: somebody with two titles stands there twice. No name."""

    actor: Name
    """The person's id."""
    organisation: Name
    """For whom they act."""
    title: Code
    """The partnership's own word for the post; nothing is decided by it."""
    capabilities: Annotated[tuple[HeldCapability, ...], Field(max_length=100, fail_fast=True)]
    """What this title lets them do."""

    def may(self, capability: Capability, *, band: RatingBand | None, purpose: Purpose | None) -> bool:
        """Say whether they hold a capability for this band and purpose; None where one is not known."""
        return any(held.capability is capability and held.covers(band, purpose) for held in self.capabilities)


class Register(Wire):
    """Who may act for the partnership; the directory pins its digest."""

    partnership: Name
    """Whose register it is."""
    version: Count
    """Its number."""
    people: Annotated[tuple[Person, ...], Field(max_length=100_000, fail_fast=True)]
    """Who may act."""

    def entries(self, actor: str | None, organisation: str) -> tuple[Person, ...]:
        """Return a person's entries at an organisation, one a title; none where it does not hold them."""
        return tuple(one for one in self.people if (one.actor, one.organisation) == (actor, organisation))
