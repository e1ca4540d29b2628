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
    """An Ed25519 public key that a principal signs envelopes with."""

    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """The key's id: the first 32 hex digits of SHA-256 over it (KEY-1)."""
    public_key: Annotated[bytes, Field(min_length=32, max_length=32)]
    """The Ed25519 public key itself, 32 bytes; one of small order is refused (KEY-2)."""
    valid_from: Timestamp | None = None
    """The moment, in UTC, from which it signs; null: from the beginning."""
    valid_until: Timestamp | None = None
    """The moment, in UTC, until which it signs; null: without end."""


class KemKey(Wire):
    """An X-Wing public key for one weekly epoch; after `open_until` its private half is destroyed."""

    public_key: Annotated[bytes, Field(min_length=1216, max_length=1216)]
    """The X-Wing public key, 1216 bytes: ML-KEM-768, then X25519 (SEAL-3)."""
    seal_from: Timestamp
    """The moment, in UTC, from which it is sealed to (KEY-3)."""
    seal_until: Timestamp
    """The moment, in UTC, until which it is sealed to, one week later (KEY-3)."""
    open_until: Timestamp
    """The moment, in UTC, at which its private half is destroyed (KEY-4)."""


class WitnessKey(Wire):
    """A key with which an organisation cosigns checkpoints as a witness (C2SP tlog-cosignature)."""

    type: Count
    """The kind of signature, a number of C2SP signed notes."""
    name: ShortText
    """The witness's name, as a line of its cosignature has it."""
    key: Annotated[bytes, Field(min_length=1, max_length=4096)]
    """The public key, in the bytes that its kind has."""


class Principal(Wire):
    """One process identity: an organisation's agent, the hub, its screening or audit consumer."""

    id: Name
    """What it is called in headers, topics and folders."""
    name: ShortText
    """What people read where it is meant."""
    roles: Annotated[tuple[PrincipalRole, ...], Field(min_length=1, max_length=8, fail_fast=True)]
    """What it does in an exchange, none twice (DIR-22)."""
    sector: Sector
    """Which adapter and which law it falls under (ref 1.4, 2.3)."""
    acts_for: Name
    """The id of the organisation that it acts for: its own, but for screening and audit (DIR-22)."""
    state: PrincipalState
    """How far it is enrolled: only LIVE and MANUAL take part (VERIFY-10)."""
    signing_keys: Annotated[tuple[SigningKey, ...], Field(min_length=1, max_length=8, fail_fast=True)]
    """The keys that it signs envelopes with."""
    kem_keys: Annotated[tuple[KemKey, ...], Field(min_length=1, max_length=16, fail_fast=True)]
    """The keys that others seal to, one for each week and those that still open (KEY-3, KEY-4)."""
    body: Annotated[Code, WordOf(BodyInLaw)] | None = None
    """What it is in law, which decides the limbs of UK GDPR Art 6 that fit (ref 2.3); null: as its sector."""
    listed_16la: Annotated[Code, WordOf(Listed16LA)] | None = None
    """By what it is under the duty of Children Act 2004 s.16LA; null: as its sector."""
    listed_47_11: bool | None = None
    """Whether Children Act 1989 s.47(11) lists it; null: as its sector."""
    membership: Annotated[Code, WordOf(Membership)] | None = None
    """Whether its people sit in the hub (A1, A2); null: it is not said."""
    areas: Annotated[tuple[Code, ...], Field(max_length=100, fail_fast=True)] = ()
    """The areas that it acts for, by ONS code; empty: the whole partnership's."""
    calendar: Ref | None = None
    """The profile's calendar by which its clocks run; null: the hub's."""
    witness_keys: Annotated[tuple[WitnessKey, ...], Field(max_length=8, fail_fast=True)] = ()
    """The keys with which it cosigns checkpoints as a witness."""


class ReviewRule(Wire):
    """When a practitioner looks at a draft of one band."""

    band: RatingBand
    """At which of the four bands the rule applies (T1 to T3, T21)."""
    policy: ReviewPolicy
    """When a practitioner looks at a draft of that band (DIR-24)."""


class SharingAgreement(Wire):
    """A data sharing agreement in force between one holder and one requester."""

    id: Ref
    """What the two organisations call the agreement."""
    version: Count
    """The version of the agreement, as its parties number it."""
    holder: Name
    """The id of the organisation that answers under it."""
    requester: Name
    """The id of the organisation that asks under it."""
    valid_from: Timestamp
    """The moment, in UTC, from which it is in force."""
    valid_until: Timestamp
    """The moment, in UTC, until which it is in force."""
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """For which purposes may be asked under it (ref 2.7)."""
    data_classes: Annotated[tuple[DataClass, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """Which classes of data may be asked for under it (ref 2.7)."""
    modes: Annotated[tuple[Mode, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """Whether existence may be asked for, content, or both (ref 2.8 step 2)."""
    review: Annotated[tuple[ReviewRule, ...], Field(max_length=4, fail_fast=True)]
    """When a practitioner looks, by band; at a band that is not here, before anything leaves (DIR-24)."""

    def review_at(self, band: RatingBand) -> ReviewPolicy:
        """Return when a practitioner looks at this band: of several rules the first, of none BEFORE."""
        return next((rule.policy for rule in self.review if rule.band is band), ReviewPolicy.BEFORE)


class SuiteWindow(Wire):
    """A cipher suite and the time in which it is accepted."""

    name: Code
    """The name of the suite, as headers have it (HEAD-2)."""
    accepted_from: Timestamp
    """The moment, in UTC, from which messages of it are accepted (DIR-8)."""
    accepted_until: Timestamp | None
    """The moment, in UTC, until which messages of it are accepted (DIR-8); null: without end."""


class Directory(Wire):
    """One version of the directory."""

    partnership: Name
    """The id of the partnership that it is for: messages of another are refused (VERIFY-8)."""
    version: Count
    """The number of this version, one higher each time (DIR-19)."""
    issued_at: Timestamp
    """When it was made, in UTC (DIR-20)."""
    expires_at: Timestamp
    """When it is stale, in UTC, 7 days later at most (DIR-6, DIR-20)."""
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
    """The cipher suites that are accepted, and when (DIR-8)."""
    principals: Annotated[tuple[Principal, ...], Field(min_length=1, max_length=2000, fail_fast=True)]
    """Who takes part, a process identity each."""
    agreements: Annotated[tuple[SharingAgreement, ...], Field(max_length=5000, fail_fast=True)]
    """Under which agreements is shared (ref 2.8 step 1)."""
    witness_quorum: Count | None = None
    """How many witnesses must have cosigned a checkpoint; null: none is asked for."""


class RootSignature(Wire):
    """One organisation's root over the directory's exact bytes."""

    organisation: Name
    """The id of the organisation whose root signed (DIR-2)."""
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """Which of the pinned roots signed, by its key's id (KEY-1)."""
    signature: Annotated[bytes, Field(min_length=64, max_length=64)]
    """Its Ed25519 signature over the label and the digest of the bytes (DIR-1)."""


class SignedDirectory(Wire):
    """The directory as it is kept and published."""

    directory: bytes
    """The exact bytes of a `Directory` that were signed (DIR-1)."""
    signatures: Annotated[tuple[RootSignature, ...], Field(min_length=2, max_length=8, fail_fast=True)]
    """Signatures of two different roots at least (DIR-2)."""


class HeldCapability(Wire):
    """Something that a person may do, and within which limits."""

    capability: Capability
    """What they may do, in the wire's own words (DIR-23)."""
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
    """The person's id, which stands for a name that only their organisation knows (DIR-7)."""
    organisation: Name
    """The id of the organisation that they act for."""
    title: Code
    """The partnership's own word for the post; nothing is decided by it (DIR-23)."""
    capabilities: Annotated[tuple[HeldCapability, ...], Field(max_length=100, fail_fast=True)]
    """What this title lets them do, each within its limits (DIR-23)."""

    def may(self, capability: Capability, *, band: RatingBand | None, purpose: Purpose | None) -> bool:
        """Say whether they hold a capability for this band and purpose; None where one is not known."""
        return any(held.capability is capability and held.covers(band, purpose) for held in self.capabilities)


class Register(Wire):
    """Who may act for the partnership; the directory pins its digest."""

    partnership: Name
    """The id of the partnership that these people act for."""
    version: Count
    """The register's number; which one is in force is said by the directory's pin (DIR-7)."""
    people: Annotated[tuple[Person, ...], Field(max_length=100_000, fail_fast=True)]
    """Who may act for the partnership, an entry for each title (DIR-7)."""

    def entries(self, actor: str | None, organisation: str) -> tuple[Person, ...]:
        """Return a person's entries at an organisation, one a title; none where it does not hold them."""
        return tuple(one for one in self.people if (one.actor, one.organisation) == (actor, organisation))
