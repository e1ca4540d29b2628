"""What is asked: the two parts of a request that travel, and the rules that hold in the record itself.

The common part is the same for every organisation asked, under one salt, so nobody can be told another story; the
addressed part holds what only this organisation needs: the identifiers its sector uses, the narrative for it, and what
the hub's gate decided for it. A request that breaks a rule of this file is MALFORMED for whoever receives it, so that
nobody has to trust the sender to have checked: (1) refs are unique; (2) one person is the subject child, or nobody in a
consultation; (3) each person has a name, and as much of a date of birth as is said; (4) whoever else is named is one
of these people.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from schemas.decision import GateDecision
from schemas.scalars import (
    MOST_ORGANISATIONS,
    MOST_PEOPLE,
    MOST_ROWS,
    MOST_WORDS,
    Code,
    Count,
    Day,
    Name,
    Ref,
    ShortText,
    Text,
    Timestamp,
    Uuid,
    Wire,
)
from schemas.vocabulary import (
    AgreementMethod,
    AgreementStatus,
    Birth,
    Capacity,
    DataClass,
    IdentifierScheme,
    Informed,
    Mode,
    NoConsentReason,
    NotInformedReason,
    PersonRole,
    PresentingIssue,
    Purpose,
    RatingBand,
    Relation,
    Section,
    Sector,
    Sex,
    ViewsStatus,
)

DataClasses = Annotated[tuple[DataClass, ...], Field(max_length=MOST_WORDS, fail_fast=True)]


class ReplyTo(Wire):
    """Whom a holder's practitioner can ring or write to."""

    name: Annotated[ShortText, Field(repr=False)]
    telephone: Annotated[ShortText | None, Field(repr=False)] = None
    email: Annotated[ShortText | None, Field(repr=False)] = None


class Actor(Wire):
    """Who asks, under which title; the register says whether they hold it, and what it lets them do (R1)."""

    actor: Name
    """The person's id in the register."""
    role: Code | None = None
    """The title under which they ask; null: the only one that the register gives them."""
    reply_to: Annotated[ReplyTo | None, Field(repr=False)] = None


class Rated(Wire):
    """Who set the rating, when, and what they directed (R1); as the asker says until the rater confirms."""

    by: Name
    at: Timestamp
    direction: Annotated[Text | None, Field(repr=False)] = None


class FamilyInformed(Wire):
    """Whether the family was told, and if not, why (C3). NO, and the reason OTHER, say it in a `note`."""

    status: Informed
    reason: NotInformedReason | None = None
    note: Annotated[Text | None, Field(repr=False)] = None

    @model_validator(mode="after")
    def _explained(self) -> Self:
        owes = self.status is Informed.NO or self.reason is NotInformedReason.OTHER
        if owes and (self.note is None or not self.note.strip()):
            raise ValueError("note: needed with status NO and with reason OTHER")
        return self


class Told(Wire):
    """What somebody was told before they agreed: who would be asked, for which classes of data."""

    agencies: Annotated[tuple[ShortText, ...], Field(max_length=MOST_ORGANISATIONS, fail_fast=True)]
    data_classes: DataClasses


class Agreement(Wire):
    """One person's agreement to a service (ref 2.6; C7), and how it can be shown."""

    person: Ref
    status: AgreementStatus
    method: AgreementMethod | None = None
    capacity: Capacity | None = None
    told: Told | None = None
    reason: Annotated[Text | None, Field(repr=False)] = None
    valid_until: Timestamp | None = None
    assessed_by: Name | None = None
    recorded_by: Name
    recorded_at: Timestamp
    evidence_ref: Ref | None = None
    id: Ref | None = None


class GdprConsent(Wire):
    """Consent as a lawful basis (UK GDPR Art 7): another thing than agreement to a service (ref 2.6)."""

    person: Ref
    given_at: Timestamp
    method: AgreementMethod
    told: Told | None = None


class Override(Wire):
    """A manager's decision to go on without agreement (C8); `alone`: no other manager is on duty."""

    manager: Name
    rationale: Text
    oversight_ref: Ref
    alone: bool = False


class ChildViews(Wire):
    """The child's own views, or why they are not there (C9)."""

    status: ViewsStatus
    text: Annotated[Text | None, Field(repr=False)] = None
    reason: Annotated[Text | None, Field(repr=False)] = None


class Notice(Wire):
    """Whether people were given a notice, which version, and if not, why (UK GDPR Arts 13 and 14)."""

    version: Ref | None = None
    given: bool
    reason: Annotated[Text | None, Field(repr=False)] = None


class SafeContact(Wire):
    """When and where somebody can be reached without danger, and what must never be done."""

    times: Annotated[Text | None, Field(repr=False)] = None
    places: Annotated[Text | None, Field(repr=False)] = None
    never: Annotated[Text | None, Field(repr=False)] = None


class Episode(Wire):
    """The missing episode or the exploitation concern that the request is about."""

    ref: Ref
    risk: Code | None = None


class OnBehalfOf(Wire):
    """Whose question the MASH puts: another authority, the person there, and the section it acts under."""

    authority: ShortText
    person: Annotated[ShortText | None, Field(repr=False)] = None
    section: Section


class NotAsked(Wire):
    """A sector that is not asked although it usually is, and why (R8)."""

    sector: Sector
    reason: Text


class PersonAsked(Wire):
    """Somebody the request asks about. Adults need `relation_to_child` and `why_needed` (D5).

    `birth` says how much of `date_of_birth` is known; without one it is EXACT where there is a date.
    """

    ref: Ref
    roles: Annotated[tuple[PersonRole, ...], Field(min_length=1, max_length=MOST_WORDS, fail_fast=True)]
    given_names: Annotated[tuple[ShortText, ...], Field(max_length=MOST_WORDS, repr=False, fail_fast=True)] = ()
    family_name: Annotated[ShortText, Field(repr=False)]
    date_of_birth: Annotated[Day | None, Field(repr=False)] = None
    birth: Birth = Birth.EXACT
    expected: Annotated[Day | None, Field(repr=False)] = None
    sex: Sex | None = None
    postcodes: Annotated[tuple[ShortText, ...], Field(max_length=MOST_WORDS, repr=False, fail_fast=True)] = ()
    relation_to_child: Relation | None = None
    parental_responsibility: bool | None = None
    why_needed: Annotated[Text | None, Field(repr=False)] = None
    no_consent_reason: NoConsentReason | None = None
    safe_contact: Annotated[SafeContact | None, Field(repr=False)] = None

    @property
    def is_subject(self) -> bool:
        """Say whether this is the child whom the request is about."""
        return PersonRole.SUBJECT_CHILD in self.roles

    @model_validator(mode="after")
    def _known_enough(self) -> Self:  # (3)
        if not self.family_name.strip() and not any(name.strip() for name in self.given_names):
            raise ValueError("has no name")
        if len(set(self.roles)) != len(self.roles):
            raise ValueError("roles: one stands twice")
        dated = self.birth in {Birth.EXACT, Birth.YEAR, Birth.ESTIMATED}
        if dated != (self.date_of_birth is not None):
            raise ValueError("date_of_birth: goes with birth EXACT, YEAR or ESTIMATED, and with no other")
        if (self.birth is Birth.UNBORN) != (self.expected is not None):
            raise ValueError("expected: goes with birth UNBORN, and with no other")
        return self


class IdentifierAsked(Wire):
    """One identifier of one person asked about, in a scheme that the addressed sector uses."""

    person: Ref
    scheme: IdentifierScheme
    value: Annotated[ShortText, Field(repr=False)]


class RequestSaid(Wire):
    """What the requester says and every organisation asked gets: the same names in the form and on the wire."""

    case_ref: Annotated[Ref, Field(repr=False)]
    contact_ref: Annotated[Ref | None, Field(repr=False)] = None
    purpose: Purpose
    rating: Code | None = None
    level: Code | None = None
    section: Section
    mode: Mode
    requester: Actor
    rated: Annotated[Rated | None, Field(repr=False)] = None
    on_behalf_of: Annotated[OnBehalfOf | None, Field(repr=False)] = None
    episode: Episode | None = None
    presenting_issues: Annotated[tuple[PresentingIssue, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    threshold_statement: Annotated[Text, Field(repr=False)]
    no_consent_reason: NoConsentReason | None = None
    family_informed: FamilyInformed
    people: Annotated[tuple[PersonAsked, ...], Field(max_length=MOST_PEOPLE, repr=False, fail_fast=True)]
    agreements: Annotated[tuple[Agreement, ...], Field(max_length=MOST_ROWS, repr=False, fail_fast=True)] = ()
    gdpr_consent: Annotated[GdprConsent | None, Field(repr=False)] = None
    child_views: Annotated[ChildViews | None, Field(repr=False)] = None
    override: Annotated[Override | None, Field(repr=False)] = None
    privacy_notice: Annotated[Notice | None, Field(repr=False)] = None
    individual_notice: Annotated[Notice | None, Field(repr=False)] = None
    guidance_version: Ref | None = None
    previous_involvement_asked: bool | None = None
    not_asked: Annotated[tuple[NotAsked, ...], Field(max_length=MOST_WORDS, fail_fast=True)] = ()
    data_classes: DataClasses

    @field_validator("people")
    @classmethod
    def _one_child_and_no_ref_twice(
        cls, people: tuple[PersonAsked, ...], info: ValidationInfo
    ) -> tuple[PersonAsked, ...]:
        faults: list[str] = []
        if len({person.ref for person in people}) != len(people):  # (1)
            faults.append("two people have one ref")
        children = sum(person.is_subject for person in people)
        if children != 1 and (children or info.data.get("purpose") is not Purpose.CONSULTATION):  # (2)
            faults.append(f"exactly one SUBJECT_CHILD is needed, not {children}; a CONSULTATION may have none")
        if faults:
            raise ValueError("; ".join(faults))
        return people

    @field_validator("agreements")
    @classmethod
    def _agreed_by_people(cls, said: tuple[Agreement, ...], info: ValidationInfo) -> tuple[Agreement, ...]:
        _check_named((one.person for one in said), info)  # (4)
        return said

    @field_validator("gdpr_consent")
    @classmethod
    def _consent_of_people(cls, said: GdprConsent | None, info: ValidationInfo) -> GdprConsent | None:
        _check_named((one.person for one in (said,) if one), info)  # (4)
        return said


def _check_named(refs: Iterable[str], info: ValidationInfo) -> None:
    people = info.data.get("people")
    known = None if people is None else {person.ref for person in people}  # None: what is wrong there is told there
    unknown = [str(index) for index, ref in enumerate(refs) if known is not None and ref not in known]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: person names nobody in people")


class RequestCommon(RequestSaid):
    """The part of a request that is the same for every organisation asked.

    `received_at` is when the contact came in, by which clocks run; without a contact, when it was asked. `decision` is
    what all may know of the hub's decision.
    """

    request_id: Uuid
    organisation: Name
    band: RatingBand
    received_at: Timestamp
    due_at: Timestamp | None
    public_task_statement: Text
    decision: GateDecision


class RequestAddressed(Wire):
    """The part of a request that only one organisation gets, with the hub's decision as far as it is about it."""

    organisation: Name
    sector: Sector
    agreement_id: Ref
    agreement_version: Count
    narrative: Annotated[Text, Field(repr=False)]
    identifiers: Annotated[tuple[IdentifierAsked, ...], Field(max_length=MOST_ROWS, repr=False, fail_fast=True)]
    decision: GateDecision


class InformationRequest(Wire):
    """A request to one organisation (kind REQUEST): parts 0 common, 1 addressed."""

    common: RequestCommon
    addressed: RequestAddressed
