"""What a request says of the family: what they were told, what they agreed to, and who went on without (ref 2.6)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.scalars import (
    MOST_ORGANISATIONS,
    MOST_WORDS,
    Name,
    Ref,
    ShortText,
    Text,
    Timestamp,
    Wire,
)
from schemas.vocabulary import (
    AgreementMethod,
    AgreementStatus,
    Capacity,
    DataClass,
    Informed,
    NotInformedReason,
    ViewsStatus,
)

DataClasses = Annotated[tuple[DataClass, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
"""Classes of data, none of which is implied by another."""


class FamilyInformed(Wire):
    """Whether the family was told, and if not, why (C3). NO, and the reason OTHER, say it in a `note`."""

    status: Informed
    """Whether the family knows of the request, or will be told later (C3, C16)."""
    reason: NotInformedReason | None = None
    """Why they were not told, or not yet; null where they know (C3)."""
    note: Annotated[Text | None, Field(repr=False)] = None
    """What is said of it in words; not null with NO and with OTHER (CODEC-9)."""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        owes = self.status is Informed.NO or self.reason is NotInformedReason.OTHER
        if owes and (self.note is None or not self.note.strip()):
            raise ValueError("note: needed with status NO and with reason OTHER")
        return self


class Told(Wire):
    """What somebody was told before they agreed: who would be asked, for which classes of data."""

    agencies: Annotated[tuple[ShortText, ...], Field(max_length=MOST_ORGANISATIONS, fail_fast=True)]
    """The organisations that they were told would be asked, as they were named to them (ref 2.6)."""
    data_classes: DataClasses
    """The classes of data that they were told would be asked for (ref 2.6)."""


class Agreement(Wire):
    """One person's agreement to a service (ref 2.6; C7), and how it can be shown."""

    person: Ref
    """Who agreed or did not: the ref of one of the people asked about (C7)."""
    status: AgreementStatus
    """What they said, or why there is no word of theirs (ref 2.6)."""
    method: AgreementMethod | None = None
    """How they said it; null where they said nothing."""
    capacity: Capacity | None = None
    """By what right they could agree (C7; Children Act 1989 s.3); null: it was not recorded."""
    told: Told | None = None
    """What they were told before they answered (ref 2.6); null: it was not recorded."""
    reason: Annotated[Text | None, Field(repr=False)] = None
    """Why it was refused, withdrawn or not sought, in words; null: none was given (ref 2.8)."""
    valid_until: Timestamp | None = None
    """The moment, in UTC, from which it counts no more; null: as the partnership's profile says."""
    assessed_by: Name | None = None
    """The id of whoever judged that a child understands enough to agree (ref 2.6); null: nobody had to."""
    recorded_by: Name
    """The id in the register of whoever wrote it down."""
    recorded_at: Timestamp
    """When it was written down, in UTC to the millisecond."""
    evidence_ref: Ref | None = None
    """Where it can be seen in the requester's own files: a form, a note; null: nowhere but here."""
    id: Ref | None = None
    """Its own id in the requester's system, by which a withdrawal names it; null: it has none."""


class GdprConsent(Wire):
    """Consent as a lawful basis (UK GDPR Art 7): another thing than agreement to a service (ref 2.6)."""

    person: Ref
    """Who consented: the ref of one of the people asked about."""
    given_at: Timestamp
    """When they consented, in UTC to the millisecond (UK GDPR Art 7(1): it must be demonstrable)."""
    method: AgreementMethod
    """How they consented; writing shows it best."""
    told: Told | None = None
    """What they were told before (UK GDPR Art 4(11): informed); null: it was not recorded."""


class Override(Wire):
    """A manager's decision to go on without agreement (C8)."""

    manager: Name
    """The id of the manager who went on without agreement: another person than who asks (C8)."""
    rationale: Text
    """Why they did, in their own words: the risk that justifies it (C8)."""
    oversight_ref: Ref
    """The management oversight record in which it stands (C8)."""
    alone: bool = False
    """Whether no other manager was on duty, so that a second signature is owed afterwards."""


class ChildViews(Wire):
    """The child's own views, or why they are not there (C9)."""

    status: ViewsStatus
    """Whether the child was asked, and if not, which ground there is (C9: at 16 and 17 directly)."""
    text: Annotated[Text | None, Field(repr=False)] = None
    """What the child said, as near to their own words as was written down; null where they were not asked."""
    reason: Annotated[Text | None, Field(repr=False)] = None
    """Why the child was not asked, in words; null where they were."""


class Notice(Wire):
    """Whether people were given a notice, which version, and if not, why (UK GDPR Arts 13 and 14)."""

    version: Ref | None = None
    """Which version of the notice it is, as the controller numbers them; null: it is not known."""
    given: bool
    """Whether the people concerned have been given it (UK GDPR Arts 13 and 14)."""
    reason: Annotated[Text | None, Field(repr=False)] = None
    """Why it was not given, or not yet: to give it would prejudice protection (ref 2.11); null where it was."""
