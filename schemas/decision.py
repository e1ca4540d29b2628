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
    """A data class that was asked for and is not allowed, computed from request and tables only.

    Equal ones are one row: `organisations` and `people` say whose, and empty means all.
    """

    data_class: DataClass
    reason: Code
    organisations: Organisations = ()
    people: Persons = ()


class Basis(Wire):
    """The lawful basis of one data class: codes of ref 2.4. Equal ones are one row, as in `Dropped`."""

    data_class: DataClass
    row: Code
    regime: Regime
    article_6: Code
    article_9: Code | None
    article_10: Code | None
    schedule_1: Words
    gateways: Words
    s36_4_authority: Code | None
    confidentiality_limb: Code | None
    no_consent_reason: NoConsentReason | None
    apd_ref: Ref | None
    organisations: Organisations = ()
    people: Persons = ()


class GateDecision(Wire):
    """The outcome with its rows, reasons, missing evidence and obligations (ref 2.8 step 8)."""

    outcome: GateOutcome
    rows: Words
    reasons: Words
    dropped: Annotated[tuple[Dropped, ...], Field(max_length=MOST_ROWS, fail_fast=True)]
    missing_evidence: Words
    obligations: Words
    basis: Annotated[tuple[Basis, ...], Field(max_length=MOST_ROWS, fail_fast=True)]
    table_version: Ref
    table_hash: Digest
