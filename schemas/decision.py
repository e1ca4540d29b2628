"""What a gate decided and on what ground: the same record from the hub's gate and from a holder's."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.scalars import Code, Digest, Ref, Wire
from schemas.vocabulary import DataClass, GateOutcome, NoConsentReason, Regime


class Dropped(Wire):
    """A data class that was asked for and is not allowed, computed from request and tables only."""

    data_class: DataClass
    reason: Code


class Basis(Wire):
    """The lawful basis of one data class: codes of ref 2.4."""

    data_class: DataClass
    row: Code
    regime: Regime
    article_6: Code
    article_9: Code | None
    article_10: Code | None
    schedule_1: Annotated[tuple[Code, ...], Field(max_length=8, fail_fast=True)]
    gateways: Annotated[tuple[Code, ...], Field(max_length=16, fail_fast=True)]
    s36_4_authority: Code | None
    confidentiality_limb: Code | None
    no_consent_reason: NoConsentReason | None
    apd_ref: Ref | None


class GateDecision(Wire):
    """The outcome with its rows, reasons, missing evidence and obligations (ref 2.8 step 8)."""

    outcome: GateOutcome
    rows: Annotated[tuple[Code, ...], Field(max_length=64, fail_fast=True)]
    reasons: Annotated[tuple[Code, ...], Field(max_length=64, fail_fast=True)]
    dropped: Annotated[tuple[Dropped, ...], Field(max_length=8, fail_fast=True)]
    missing_evidence: Annotated[tuple[Code, ...], Field(max_length=64, fail_fast=True)]
    obligations: Annotated[tuple[Code, ...], Field(max_length=64, fail_fast=True)]
    basis: Annotated[tuple[Basis, ...], Field(max_length=8, fail_fast=True)]
    table_version: Ref
    table_hash: Digest
