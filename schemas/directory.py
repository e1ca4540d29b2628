"""Who is in the partnership, with which keys and agreements. Signed by two organisations' roots; holds no person."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.scalars import MOST_WORDS, Code, Count, Digest, Name, Ref, ShortText, Timestamp, Wire
from schemas.vocabulary import (
    ActorRole,
    DataClass,
    Mode,
    PrincipalRole,
    PrincipalState,
    Purpose,
    ReviewPolicy,
    Sector,
)


class SigningKey(Wire):
    """An Ed25519 public key; `key_id` is the first 32 hex digits of its SHA-256."""

    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    public_key: Annotated[bytes, Field(min_length=32, max_length=32)]


class KemKey(Wire):
    """An X-Wing public key for one weekly epoch; after `open_until` its private half is destroyed."""

    public_key: Annotated[bytes, Field(min_length=1216, max_length=1216)]
    seal_from: Timestamp
    seal_until: Timestamp
    open_until: Timestamp


class Principal(Wire):
    """One process identity: an organisation's agent, the hub, its screening or audit consumer."""

    id: Name
    name: ShortText
    role: PrincipalRole
    sector: Sector
    acts_for: Name
    state: PrincipalState
    signing_keys: Annotated[tuple[SigningKey, ...], Field(min_length=1, max_length=8, fail_fast=True)]
    kem_keys: Annotated[tuple[KemKey, ...], Field(min_length=1, max_length=16, fail_fast=True)]


class SharingAgreement(Wire):
    """A data sharing agreement in force between one holder and one requester."""

    id: Ref
    version: Count
    holder: Name
    requester: Name
    valid_from: Timestamp
    valid_until: Timestamp
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    data_classes: Annotated[tuple[DataClass, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    modes: Annotated[tuple[Mode, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    review_red: ReviewPolicy
    review_amber: ReviewPolicy
    review_green: ReviewPolicy


class SuiteWindow(Wire):
    """A cipher suite and the time in which it is accepted."""

    name: Code
    accepted_from: Timestamp
    accepted_until: Timestamp | None


class Directory(Wire):
    """One version of the directory."""

    partnership: Name
    version: Count
    issued_at: Timestamp
    expires_at: Timestamp
    previous_digest: Digest | None
    register_digest: Annotated[Digest, Field(description="Who may act: pins `register-DIGEST.avro` (DIR-7).")]
    profile_digest: Annotated[
        Digest, Field(description="The partnership's profile: pins `profile-DIGEST.toml` (DIR-16).")
    ]
    protocol_digest: Annotated[
        Digest, Field(description="The gate's local layer: pins `protocol-DIGEST.toml` (DIR-16).")
    ]
    law_digest: Annotated[Digest, Field(description="The gate's law layer: pins `law-DIGEST.toml` (DIR-16).")]
    suites: Annotated[tuple[SuiteWindow, ...], Field(min_length=1, max_length=8, fail_fast=True)]
    principals: Annotated[tuple[Principal, ...], Field(min_length=1, max_length=2000, fail_fast=True)]
    agreements: Annotated[tuple[SharingAgreement, ...], Field(max_length=5000, fail_fast=True)]


class RootSignature(Wire):
    """One organisation's root over the directory's exact bytes."""

    organisation: Name
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    signature: Annotated[bytes, Field(min_length=64, max_length=64)]


class SignedDirectory(Wire):
    """The directory as it is kept and published."""

    directory: bytes
    signatures: Annotated[tuple[RootSignature, ...], Field(min_length=2, max_length=8, fail_fast=True)]


class Person(Wire):
    """An acting person in the register: an id, the organisation, the roles held. No name."""

    actor: Name
    organisation: Name
    roles: Annotated[tuple[ActorRole, ...], Field(min_length=1, max_length=6, fail_fast=True)]


class Register(Wire):
    """Who may act for the partnership; the directory pins its digest."""

    partnership: Name
    version: Count
    people: Annotated[tuple[Person, ...], Field(max_length=100_000, fail_fast=True)]
