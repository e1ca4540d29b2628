"""What an audit event repeats from other records, words as text: a new one breaks no reader (CODEC-8)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from schemas.decision import Organisations, Persons, Words
from schemas.scalars import (
    MOST_ROWS,
    MOST_WORDS,
    Code,
    Count,
    Digest,
    Name,
    Ref,
    Text,
    Timestamp,
    Wire,
    WordOf,
)
from schemas.vocabulary import (
    AgreementMethod,
    AgreementStatus,
    Capacity,
    DataClass,
    GateOutcome,
    Informed,
    NoConsentReason,
    NotInformedReason,
    Regime,
)

_Class = Annotated[Code, WordOf(DataClass)]


class _Recorded(Wire):
    @classmethod
    def of(cls, record: Wire) -> Self:
        """Return the account of a record: the same fields, the words as text."""
        return cls.model_validate(record.model_dump())


class RecordedDropped(_Recorded):
    """A data class that was asked for and is not allowed."""

    data_class: Annotated[Code, WordOf(DataClass)]
    """The class that was dropped."""
    reason: Code
    """Why, as a word of the gate's tables."""
    organisations: Organisations = ()
    """Whose row it is; empty: of all that were asked."""
    people: Persons = ()
    """Whom it is about, by their refs; empty: all that are asked about."""


class RecordedBasis(_Recorded):
    """The lawful basis of one data class: codes of ref 2.4."""

    data_class: Annotated[Code, WordOf(DataClass)]
    """The class that it is for."""
    row: Code
    """The row of the law table that it was read from."""
    regime: Annotated[Code, WordOf(Regime)]
    """The data protection regime that the item is held under."""
    article_6: Code
    """The limb of UK GDPR Article 6, or that of Part 3."""
    article_9: Code | None
    """The limb of Article 9(2), for special category data."""
    article_10: Code | None
    """The limb of Article 10, for criminal offence data."""
    schedule_1: Words
    """Conditions of DPA 2018 Schedule 1."""
    gateways: Words
    """Powers and duties to share."""
    s36_4_authority: Code | None
    """Under Part 3: the law that authorises another use (DPA 2018 s.36(4))."""
    confidentiality_limb: Code | None
    """How a common-law duty of confidence is met."""
    no_consent_reason: Annotated[Code, WordOf(NoConsentReason)] | None
    """Why consent was not asked for (DPA 2018 Schedule 1 para 18(2))."""
    apd_ref: Ref | None
    """The appropriate policy document that was relied on."""
    organisations: Organisations = ()
    """Whose row it is; empty: of all that were asked."""
    people: Persons = ()
    """Whom it is about, by their refs; empty: all that are asked about."""


class RecordedDecision(_Recorded):
    """What a gate decided, with its rows, reasons, missing evidence and obligations (ref 2.8 step 8)."""

    outcome: Annotated[Code, WordOf(GateOutcome)]
    """What it decided."""
    rows: Words
    """The rows that it was decided by."""
    reasons: Words
    """Why it was not permitted, or not in full."""
    dropped: Annotated[tuple[RecordedDropped, ...], Field(max_length=MOST_ROWS, fail_fast=True)]
    """What was asked for and is not allowed."""
    missing_evidence: Words
    """What would have had to be shown."""
    obligations: Words
    """What is owed with it."""
    basis: Annotated[tuple[RecordedBasis, ...], Field(max_length=MOST_ROWS, fail_fast=True)]
    """The lawful basis, a class each."""
    table_version: Ref
    """The version of the tables that it was decided by."""
    table_hash: Digest
    """Their digest."""


class RecordedCount(_Recorded):
    """How many items of one type and class an answer holds."""

    type: Code
    """The item type, a word of the release tables."""
    data_class: Annotated[Code, WordOf(DataClass)]
    """The class of the items."""
    count: Count
    """How many."""


class RecordedInformed(_Recorded):
    """Whether the family was told, and if not, why (C3)."""

    status: Annotated[Code, WordOf(Informed)]
    """Whether they know."""
    reason: Annotated[Code, WordOf(NotInformedReason)] | None
    """Why not, or not yet."""
    note: Annotated[Text | None, Field(repr=False)] = None
    """What is said of it beside the word: owed with NO and with OTHER."""


class RecordedTold(_Recorded):
    """What somebody was told before they agreed: who would share, and what."""

    agencies: Organisations
    """Who would share."""
    data_classes: Annotated[
        tuple[Annotated[Code, WordOf(DataClass)], ...], Field(max_length=MOST_WORDS, fail_fast=True)
    ]
    """For which classes of data."""


class RecordedAgreement(_Recorded):
    """One person's agreement to a service (ref 2.6; C7)."""

    person: Ref
    """Who agreed: the person's ref in the request."""
    status: Annotated[Code, WordOf(AgreementStatus)]
    """What they said."""
    method: Annotated[Code, WordOf(AgreementMethod)] | None
    """How."""
    capacity: Annotated[Code, WordOf(Capacity)] | None = None
    """By what right they could agree."""
    told: RecordedTold | None = None
    """What they were told before."""
    reason: Annotated[Text | None, Field(repr=False)] = None
    """Why it was refused, withdrawn or not sought."""
    valid_until: Timestamp | None = None
    """Until when it counts; null: as the profile says."""
    assessed_by: Name | None = None
    """Who judged that a child was competent to agree."""
    recorded_by: Name
    """Who recorded it."""
    recorded_at: Timestamp
    """When it was recorded."""
    evidence_ref: Ref | None = None
    """Where it can be seen: a form, a note."""
    id: Ref | None = None
    """Its own id in the requester's system."""
