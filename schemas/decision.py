"""What a gate decided and on what ground: the same record from the hub's gate and from a holder's."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.scalars import MOST_ORGANISATIONS, MOST_PEOPLE, MOST_ROWS, MOST_WORDS, Code, Digest, Name, Ref, Wire
from schemas.vocabulary import DataClass, GateOutcome, NoConsentReason, Regime

Words = Annotated[tuple[Code, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
"""Codes of the decision tables."""

Organisations = Annotated[tuple[Name, ...], Field(max_length=MOST_ORGANISATIONS, fail_fast=True)]
"""The organisations that a row is about; empty: all that were asked."""

Persons = Annotated[tuple[Ref, ...], Field(max_length=MOST_PEOPLE, fail_fast=True)]
"""The people that a row is about, by their refs; empty: all that are asked about."""


class Dropped(Wire):
    """A data class that was asked for and is not allowed, by request and tables only; equal ones are one row."""

    data_class: DataClass
    """The class of data that was asked for and is not allowed (ref 2.8 step 4)."""
    reason: Code
    """Why it is not, as a reason word of the gate's tables."""
    organisations: Organisations = ()
    """The organisations that it is dropped for, by id; empty: all that were asked."""
    people: Persons = ()
    """The people that it is dropped for, by their refs; empty: all that are asked about."""


class Basis(Wire):
    """The lawful basis of one data class: codes of ref 2.4. Equal ones are one row."""

    data_class: DataClass
    """The class of data that this is the basis for (ref 2.7)."""
    row: Code
    """The row of the law table that it was read from, by its id there."""
    regime: Regime
    """The regime that the holder holds such data under (ref 2.3)."""
    article_6: Code
    """The limb of UK GDPR Art 6(1) that is relied on, as a code of ref 2.4."""
    article_9: Code | None
    """The limb of UK GDPR Art 9(2), as a code of ref 2.4; null: the data is not special."""
    article_10: Code | None
    """How UK GDPR Art 10 is met, as a code of ref 2.4; null: the data is not of offences."""
    schedule_1: Words
    """The conditions of DPA 2018 Schedule 1 that are met, as codes of ref 2.4."""
    gateways: Words
    """The powers and duties to share that carry it, as codes of ref 2.4."""
    s36_4_authority: Code | None
    """The law that authorises use outside law enforcement (DPA 2018 s.36(4)); null: not held under Part 3."""
    confidentiality_limb: Code | None
    """How a duty of confidence at common law is met: legal duty, public interest, consent (ref 2.7 D4); null: none
    is owed."""
    no_consent_reason: NoConsentReason | None
    """Why consent is not asked for, owed with para 18 (DPA 2018 Schedule 1 para 18(2)); null: para 18 is not relied
    on."""
    apd_ref: Ref | None
    """The appropriate policy document relied on (DPA 2018 Schedule 1 para 39); null: none is needed."""
    organisations: Organisations = ()
    """The organisations that it is the basis for, by id; empty: all that were asked."""
    people: Persons = ()
    """The people that it is the basis for, by their refs; empty: all that are asked about."""


class GateDecision(Wire):
    """The outcome with its rows, reasons, missing evidence and obligations (ref 2.8 step 8)."""

    outcome: GateOutcome
    """What the gate decided (ref 2.8 step 8)."""
    rows: Words
    """The rows of the tables that it was decided by, by their ids there."""
    reasons: Words
    """Why it was not permitted, or not in full, as reason words of the gate's tables."""
    dropped: Annotated[tuple[Dropped, ...], Field(max_length=MOST_ROWS, fail_fast=True)]
    """Classes of data that were asked for and are not allowed, each with its reason (ref 2.8 step 4)."""
    missing_evidence: Words
    """What would have had to be shown, as evidence words of the gate's tables."""
    obligations: Words
    """What later stages owe for the permission, as obligation words of the gate's tables (ref 2.8 steps 7 and 8)."""
    basis: Annotated[tuple[Basis, ...], Field(max_length=MOST_ROWS, fail_fast=True)]
    """The lawful basis, by class of data, and where they differ by organisation and person (ref 2.4)."""
    table_version: Ref
    """The version of the tables that it was decided by."""
    table_hash: Digest
    """SHA-256 over those tables, so that a decision can be made again and compared."""
