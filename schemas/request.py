"""What is asked: the form a person writes (`request.json`) and the two parts that travel.

The common part is the same for every organisation asked, under one salt, so nobody can be told another story; the
addressed part holds what only this organisation needs: the identifiers its sector uses and the narrative for it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from schemas.decision import GateDecision
from schemas.scalars import Code, Count, Name, Ref, ShortText, Text, Timestamp, Uuid, Wire
from schemas.vocabulary import (
    AgreementMethod,
    AgreementStatus,
    DataClass,
    IdentifierScheme,
    Informed,
    Mode,
    NoConsentReason,
    NotInformedReason,
    PersonRole,
    PresentingIssue,
    Purpose,
    Rag,
    Relation,
    Section,
    Sector,
    Sex,
)


class Actor(Wire):
    """Who asks, under which title; the register says whether they hold it, and what it lets them do (R1)."""

    actor: Name
    """The person's id in the register."""
    role: Code | None = None
    """The title under which they ask; null: the only one that the register gives them."""


class FamilyInformed(Wire):
    """Whether the family was told, and if not, why (C3)."""

    status: Informed
    reason: NotInformedReason | None = None


class Agreement(Wire):
    """One person's agreement to a service (ref 2.6; C7)."""

    person: Ref
    status: AgreementStatus
    method: AgreementMethod | None = None
    recorded_by: Name
    recorded_at: Timestamp


class Override(Wire):
    """A manager's decision to go on without agreement (C8)."""

    manager: Name
    rationale: Text
    oversight_ref: Ref


class PersonAsked(Wire):
    """Somebody the request asks about. Adults need `relation_to_child` and `why_needed` (D5)."""

    ref: Ref
    role: PersonRole
    given_names: Annotated[tuple[ShortText, ...], Field(max_length=10, repr=False, fail_fast=True)]
    family_name: Annotated[ShortText, Field(repr=False)]
    date_of_birth: Annotated[date, Field(repr=False)]
    sex: Sex | None = None
    postcodes: Annotated[tuple[ShortText, ...], Field(max_length=10, repr=False, fail_fast=True)] = ()
    relation_to_child: Relation | None = None
    why_needed: Annotated[Text | None, Field(repr=False)] = None


class IdentifierAsked(Wire):
    """One identifier of one person asked about, in a scheme that the addressed sector uses."""

    person: Ref
    scheme: IdentifierScheme
    value: Annotated[ShortText, Field(repr=False)]


class RequestCommon(Wire):
    """The part of a request that is the same for every organisation asked."""

    request_id: Uuid
    case_ref: Annotated[Ref, Field(repr=False)]
    organisation: Name
    requester: Actor
    purpose: Purpose
    rag: Rag
    section: Section
    mode: Mode
    received_at: Timestamp
    due_at: Timestamp
    presenting_issues: Annotated[tuple[PresentingIssue, ...], Field(max_length=16, fail_fast=True)]
    threshold_statement: Annotated[Text, Field(repr=False)]
    no_consent_reason: NoConsentReason | None
    family_informed: FamilyInformed
    agreements: Annotated[tuple[Agreement, ...], Field(max_length=40, repr=False, fail_fast=True)]
    child_views: Annotated[Text | None, Field(repr=False)]
    override: Annotated[Override | None, Field(repr=False)]
    data_classes: Annotated[tuple[DataClass, ...], Field(max_length=8, fail_fast=True)]
    people: Annotated[tuple[PersonAsked, ...], Field(max_length=40, repr=False, fail_fast=True)]
    public_task_statement: Text
    decision: GateDecision


class RequestAddressed(Wire):
    """The part of a request that only one organisation gets."""

    organisation: Name
    sector: Sector
    agreement_id: Ref
    agreement_version: Count
    narrative: Annotated[Text, Field(repr=False)]
    identifiers: Annotated[tuple[IdentifierAsked, ...], Field(max_length=200, repr=False, fail_fast=True)]


class InformationRequest(Wire):
    """A request to one organisation (kind REQUEST): parts 0 common, 1 addressed."""

    common: RequestCommon
    addressed: RequestAddressed


class PersonForm(PersonAsked):
    """A person as the requester writes them down, with every identifier known."""

    identifiers: Annotated[dict[IdentifierScheme, ShortText], Field(default_factory=dict, repr=False)]


class RequestForm(Wire):
    """`request.json` of the command line contract. Null is the same as absent; unknown keys are errors."""

    case_ref: Annotated[Ref, Field(repr=False)]
    purpose: Purpose
    rag: Rag
    section: Section
    requester: Actor
    presenting_issues: Annotated[tuple[PresentingIssue, ...], Field(max_length=16)]
    narrative: Annotated[Text, Field(repr=False)]
    threshold_statement: Annotated[Text, Field(repr=False)]
    no_consent_reason: NoConsentReason | None = None
    family_informed: FamilyInformed
    people: Annotated[tuple[PersonForm, ...], Field(min_length=1, max_length=40, repr=False)]
    agencies: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=1000)]
    data_classes: Annotated[tuple[DataClass, ...], Field(min_length=1, max_length=8)]
    mode: Mode
    agreements: Annotated[tuple[Agreement, ...], Field(max_length=40, repr=False)] = ()
    child_views: Annotated[Text | None, Field(repr=False)] = None
    override: Annotated[Override | None, Field(repr=False)] = None
