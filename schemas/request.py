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
from schemas.family import Agreement, ChildViews, DataClasses, FamilyInformed, GdprConsent, Notice, Override
from schemas.scalars import (
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
    Birth,
    IdentifierScheme,
    Mode,
    NoConsentReason,
    PersonRole,
    PresentingIssue,
    Purpose,
    RatingBand,
    Relation,
    Section,
    Sector,
    Sex,
)


class ReplyTo(Wire):
    """Whom a holder's practitioner can ring or write to."""

    name: Annotated[ShortText, Field(repr=False)]
    """The name of whoever can be asked back, as they are spoken to (N23)."""
    telephone: Annotated[ShortText | None, Field(repr=False)] = None
    """Their direct dial, with its dialling code; null: they are not to be rung (N23)."""
    email: Annotated[ShortText | None, Field(repr=False)] = None
    """Their e-mail address at work, which is no channel for case content; null: none is given (N23)."""


class Actor(Wire):
    """Who asks, under which title; the register says whether they hold it, and what it lets them do (R1)."""

    actor: Name
    """The id in the register of the person who asks."""
    role: Code | None = None
    """The title under which they ask; null: the only one that the register gives them."""
    reply_to: Annotated[ReplyTo | None, Field(repr=False)] = None
    """Whom a holder's practitioner can ask back; null: nobody is named (N23)."""


class Rated(Wire):
    """Who set the rating, when, and what they directed (R1); as the asker says until the rater confirms."""

    by: Name
    """The id in the register of whoever set the rating: a manager, at RED (R1)."""
    at: Timestamp
    """When the rating was set, in UTC to the millisecond; its clock starts then (ref 4.2)."""
    direction: Annotated[Text | None, Field(repr=False)] = None
    """What the rater directed to be done next, in their own words (R1); null: no direction was written."""


class SafeContact(Wire):
    """When and where somebody can be reached without danger, and what must never be done."""

    times: Annotated[Text | None, Field(repr=False)] = None
    """When they can be reached without danger, in words (C12); null: nothing is known."""
    places: Annotated[Text | None, Field(repr=False)] = None
    """Where they can be reached without danger, in words (C12); null: nothing is known."""
    never: Annotated[Text | None, Field(repr=False)] = None
    """What must never be done: a letter home, a call to one number (N29); null: nothing is known."""


class Episode(Wire):
    """The missing episode or the exploitation concern that the request is about."""

    ref: Ref
    """The number of the episode, as the police or the tracker has it (ref 5.1)."""
    risk: Code | None = None
    """How grave it was graded, in the grader's own words: LOW, MEDIUM, HIGH (ref 5.1); null: it was not graded."""


class OnBehalfOf(Wire):
    """Whose question the MASH puts: another authority, the person there, and the section it acts under."""

    authority: ShortText
    """The authority, court or body whose question it is, by its name (N16, N30)."""
    person: Annotated[ShortText | None, Field(repr=False)] = None
    """Who asks there, by name and post; null: no person is named."""
    section: Section
    """The section that the other authority acts under, which may differ from the hub's own."""


class NotAsked(Wire):
    """A sector that is not asked although it usually is, and why (R8)."""

    sector: Sector
    """The sector that is left out although its kind is usually asked (R8)."""
    reason: Text
    """Why it is left out, in the requester's words."""


class PersonAsked(Wire):
    """Somebody the request asks about. Adults need `relation_to_child` and `why_needed` (D5)."""

    ref: Ref
    """What the request itself calls this person: unique within it, and of no meaning outside (CODEC-9)."""
    roles: Annotated[tuple[PersonRole, ...], Field(min_length=1, max_length=MOST_WORDS, fail_fast=True)]
    """Who they are in the matter: one role or several, none twice (CODEC-9)."""
    given_names: Annotated[tuple[ShortText, ...], Field(max_length=MOST_WORDS, repr=False, fail_fast=True)] = ()
    """Their given names, in order, as the requester knows them; empty: none is known."""
    family_name: Annotated[ShortText, Field(repr=False)]
    """Their family name; may be empty only where a given name is there (CODEC-9)."""
    date_of_birth: Annotated[Day | None, Field(repr=False)] = None
    """The day they were born, as far as `birth` says that it is known; null with UNBORN and UNKNOWN (CODEC-9)."""
    birth: Birth = Birth.EXACT
    """How much of the date of birth is known (ref 7.2 rules 4 and 5)."""
    expected: Annotated[Day | None, Field(repr=False)] = None
    """The day on which an unborn child is expected; null for everybody else (CODEC-9)."""
    sex: Sex | None = None
    """Sex as recorded by the requester; it never decides a match (ref 7.2 rule 2); null: not said."""
    postcodes: Annotated[tuple[ShortText, ...], Field(max_length=MOST_WORDS, repr=False, fail_fast=True)] = ()
    """Postcodes they live or lived at; they support a match and never contradict one (ref 7.2 rules 1 and 2)."""
    relation_to_child: Relation | None = None
    """How they are related to the child (ref 5.7); an adult is left out where it is null (ref 2.7 D5)."""
    parental_responsibility: bool | None = None
    """Whether they have parental responsibility (Children Act 1989 s.3); null: it is not known."""
    why_needed: Annotated[Text | None, Field(repr=False)] = None
    """Why this person must be asked about; an adult is left out where it is null (ref 2.7 D5)."""
    no_consent_reason: NoConsentReason | None = None
    """Why this person's consent is not asked for (DPA 2018 Schedule 1 para 18(2)); null: as for the whole request."""
    safe_contact: Annotated[SafeContact | None, Field(repr=False)] = None
    """How they can be reached without danger, which binds whoever contacts them (C12, N29); null: nothing is known."""

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
    """Whose identifier it is: the ref of one of the people asked about (VERIFY-34)."""
    scheme: IdentifierScheme
    """Whose numbering it belongs to (ref 5.2 to 5.4)."""
    value: Annotated[ShortText, Field(repr=False)]
    """The number as the requester has it; one with a wrong check digit is never matched on (ref 6)."""


class RequestSaid(Wire):
    """What the requester says and every organisation asked gets: the same names in the form and on the wire."""

    case_ref: Annotated[Ref, Field(repr=False)]
    """The requester's own reference of the case; it stands in no header, key or log (HEAD-9)."""
    contact_ref: Annotated[Ref | None, Field(repr=False)] = None
    """The requester's own reference of the contact that led to it (R9); null: there was none."""
    purpose: Purpose
    """Why it is asked: the row of the law table that the gates decide by (ref 2.7)."""
    rating: Code | None = None
    """How urgent it is, in the partnership's own word (profiles section 6); null: none is said, and the band is
    BLUE."""
    level: Code | None = None
    """The partnership's level of need, in its own word (N17: another fact than the rating); null: none was set."""
    section: Section
    """The section of the Children Act 1989 that the requester acts under (S10: of 2004)."""
    mode: Mode
    """Whether only existence is asked for, or content; the two are decided apart (ref 2.8 step 2)."""
    requester: Actor
    """Who asks; the register says what they may do (A6)."""
    rated: Annotated[Rated | None, Field(repr=False)] = None
    """Who set the rating, who may be another person than asks (R1); null: it is not said."""
    on_behalf_of: Annotated[OnBehalfOf | None, Field(repr=False)] = None
    """Whose question the hub puts, where it is not its own (N16, N30); null: it is its own."""
    episode: Episode | None = None
    """The missing episode or exploitation concern, for MISSING_EXPLOITATION (ref 2.7 P6); null: none."""
    presenting_issues: Annotated[tuple[PresentingIssue, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """What the concern is about, in the nation's assessment factors (ref 5.5)."""
    threshold_statement: Annotated[Text, Field(repr=False)]
    """Why the threshold is met: reasonable cause to suspect, or what is perceived (ref 2.7 P1 to P3)."""
    no_consent_reason: NoConsentReason | None = None
    """Why consent is not asked for, of all who have no reason of their own (DPA 2018 Schedule 1 para 18(2)); null:
    none is claimed."""
    family_informed: FamilyInformed
    """Whether the family was told, and if not, why (C3)."""
    people: Annotated[tuple[PersonAsked, ...], Field(max_length=MOST_PEOPLE, repr=False, fail_fast=True)]
    """Who is asked about: a holder searches for nobody else (ref 7.2 rule 9)."""
    agreements: Annotated[tuple[Agreement, ...], Field(max_length=MOST_ROWS, repr=False, fail_fast=True)] = ()
    """Who agreed to a service and who did not, a row for each telling (C7)."""
    gdpr_consent: Annotated[GdprConsent | None, Field(repr=False)] = None
    """Consent as a lawful basis, where it is one (C12; UK GDPR Art 6(1)(a)); null: none is relied on."""
    child_views: Annotated[ChildViews | None, Field(repr=False)] = None
    """The child's own views, owed at 16 and 17 (C9); null: they were not recorded."""
    override: Annotated[Override | None, Field(repr=False)] = None
    """The manager's decision to go on without agreement (C8); null: there is none."""
    privacy_notice: Annotated[Notice | None, Field(repr=False)] = None
    """The general privacy notice of the hub (UK GDPR Arts 13 and 14; ref 2.11); null: not said."""
    individual_notice: Annotated[Notice | None, Field(repr=False)] = None
    """The notice to the people of this case, which may be withheld (UK GDPR Art 14(5); ref 2.11); null: not said."""
    guidance_version: Ref | None = None
    """The version of the statutory guidance that was followed (ref 2.2); null: not said."""
    previous_involvement_asked: bool | None = None
    """Whether earlier involvement of services is asked for too (Y7); null: not said."""
    not_asked: Annotated[tuple[NotAsked, ...], Field(max_length=MOST_WORDS, fail_fast=True)] = ()
    """Sectors that are left out although they are usually asked, with the reason (R8)."""
    data_classes: DataClasses
    """The classes of data that are asked for, of which the gates may drop some (ref 2.7)."""

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
    """The part of a request that is the same for every organisation asked."""

    request_id: Uuid
    """The request's id, a UUIDv7, the same for every organisation asked (ID-1, HEAD-7)."""
    organisation: Name
    """The organisation that asks; it must be the envelope's sender (VERIFY-34)."""
    band: RatingBand
    """The band that the rating falls into in this partnership: what every gate decides on (T1 to T3, T21)."""
    received_at: Timestamp
    """When the contact came in, in UTC, by which clocks run (ref 4.2); without a contact, when it was asked."""
    due_at: Timestamp | None
    """When answers are due, in UTC, by the partnership's clock; null: it has no clock for this rating."""
    public_task_statement: Text
    """That the requester needs this for a task of UK GDPR Art 6(1)(e) with a basis of Art 6(3), as Annex 1 para 1
    asks."""
    decision: GateDecision
    """As much of the hub's decision as all may know; what is about one organisation stands in its addressed part."""


class RequestAddressed(Wire):
    """The part of a request that only one organisation gets, with the hub's decision as far as it is about it."""

    organisation: Name
    """The organisation asked; it must be the reader (VERIFY-34)."""
    sector: Sector
    """Its sector as the directory had it when it was asked: which identifiers and narrative it was given."""
    agreement_id: Ref
    """The data sharing agreement under which it is asked (ref 2.8 step 1)."""
    agreement_version: Count
    """Which version of that agreement was in force when it was asked."""
    narrative: Annotated[Text, Field(repr=False)]
    """What the concern is, in words, as this organisation needs it to judge what is relevant (Y9)."""
    identifiers: Annotated[tuple[IdentifierAsked, ...], Field(max_length=MOST_ROWS, repr=False, fail_fast=True)]
    """The identifiers of those asked about, in the schemes that its sector uses and in no other."""
    decision: GateDecision
    """The hub's decision as far as it is about this organisation."""


class InformationRequest(Wire):
    """A request to one organisation (kind REQUEST): parts 0 common, 1 addressed."""

    common: RequestCommon
    """Part 0: the same bytes, under one salt, for every organisation asked (PART-3)."""
    addressed: RequestAddressed
    """Part 1: what only this organisation gets, under a salt of its own (PART-3)."""
