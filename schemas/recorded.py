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
    """The class of data that was asked for and is not allowed."""
    reason: Code
    """Why it is not, as a reason word of the gate's tables."""
    organisations: Organisations = ()
    """The organisations that it is dropped for, by id; empty: all that were asked."""
    people: Persons = ()
    """The people that it is dropped for, by their refs; empty: all that are asked about."""


class RecordedBasis(_Recorded):
    """The lawful basis of one data class: codes of ref 2.4."""

    data_class: Annotated[Code, WordOf(DataClass)]
    """The class of data that this is the basis for (ref 2.7)."""
    row: Code
    """The row of the law table that it was read from, by its id there."""
    regime: Annotated[Code, WordOf(Regime)]
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
    """How a duty of confidence at common law is met (ref 2.7 D4); null: none is owed."""
    no_consent_reason: Annotated[Code, WordOf(NoConsentReason)] | None
    """Why consent is not asked for (DPA 2018 Schedule 1 para 18(2)); null: para 18 is not relied on."""
    apd_ref: Ref | None
    """The appropriate policy document relied on (DPA 2018 Schedule 1 para 39); null: none is needed."""
    organisations: Organisations = ()
    """The organisations that it is the basis for, by id; empty: all that were asked."""
    people: Persons = ()
    """The people that it is the basis for, by their refs; empty: all that are asked about."""


class RecordedDecision(_Recorded):
    """What a gate decided, with its rows, reasons, missing evidence and obligations (ref 2.8 step 8)."""

    outcome: Annotated[Code, WordOf(GateOutcome)]
    """What the gate decided (ref 2.8 step 8)."""
    rows: Words
    """The rows of the tables that it was decided by, by their ids there."""
    reasons: Words
    """Why it was not permitted, or not in full, as reason words of the gate's tables."""
    dropped: Annotated[tuple[RecordedDropped, ...], Field(max_length=MOST_ROWS, fail_fast=True)]
    """Classes of data that were asked for and are not allowed, each with its reason (ref 2.8 step 4)."""
    missing_evidence: Words
    """What would have had to be shown, as evidence words of the gate's tables."""
    obligations: Words
    """What later stages owe for the permission, as obligation words of the gate's tables."""
    basis: Annotated[tuple[RecordedBasis, ...], Field(max_length=MOST_ROWS, fail_fast=True)]
    """The lawful basis, by class of data, and where they differ by organisation and person (ref 2.4)."""
    table_version: Ref
    """The version of the tables that it was decided by (ref 3.2 question 9)."""
    table_hash: Digest
    """SHA-256 over those tables, so that a decision can be made again and compared."""


class RecordedCount(_Recorded):
    """How many items of one type and class an answer holds."""

    type: Code
    """The item type, a word of the holder's release table."""
    data_class: Annotated[Code, WordOf(DataClass)]
    """The class of those items in law (ref 2.7)."""
    count: Count
    """How many items of this type and class there are."""


class RecordedInformed(_Recorded):
    """Whether the family was told, and if not, why (C3)."""

    status: Annotated[Code, WordOf(Informed)]
    """Whether the family knows of the request, or will be told later (C3, C16)."""
    reason: Annotated[Code, WordOf(NotInformedReason)] | None
    """Why they were not told, or not yet; null where they know (C3)."""
    note: Annotated[Text | None, Field(repr=False)] = None
    """What is said of it in words; not null with NO and with OTHER (CODEC-9)."""


class RecordedTold(_Recorded):
    """What somebody was told before they agreed: who would share, and what."""

    agencies: Organisations
    """The organisations that they were told would be asked, by id (ref 2.6)."""
    data_classes: Annotated[
        tuple[Annotated[Code, WordOf(DataClass)], ...], Field(max_length=MOST_WORDS, fail_fast=True)
    ]
    """The classes of data that they were told would be asked for (ref 2.6)."""


class RecordedAgreement(_Recorded):
    """One person's agreement to a service (ref 2.6; C7)."""

    person: Ref
    """Who agreed or did not: their ref in the request (C7)."""
    status: Annotated[Code, WordOf(AgreementStatus)]
    """What they said, or why there is no word of theirs (ref 2.6)."""
    method: Annotated[Code, WordOf(AgreementMethod)] | None
    """How they said it; null where they said nothing."""
    capacity: Annotated[Code, WordOf(Capacity)] | None = None
    """By what right they could agree (C7; Children Act 1989 s.3); null: it was not recorded."""
    told: RecordedTold | None = None
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
