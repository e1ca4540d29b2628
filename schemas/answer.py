"""What is answered. Refusal, no trace and summary are one kind, padded alike, so that a watcher learns nothing.

The status block is what the audit service sees opened; the body is for the requester alone. Judgement stays null until
a practitioner writes it: adapters never do (blueprint section 6).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.decision import GateDecision
from schemas.scalars import MOST_PEOPLE, MOST_WORDS, Code, Count, Day, Name, Ref, ShortText, Text, Timestamp, Uuid, Wire
from schemas.vocabulary import (
    Certainty,
    DataClass,
    DsarHint,
    EventStatus,
    ItemKind,
    MatchMethod,
    Onward,
    Precision,
    Regime,
    Stage,
    Status,
    SubjectCategory,
)


class Match(Wire):
    """How one person asked about was found; field names only, never values (ref 7.2 rule 8)."""

    about: Ref
    """Who it is about: their ref in the request."""
    certainty: Certainty
    """How sure it is that they were found (ref 7.2 rule 3)."""
    method: MatchMethod
    """By what they were found (ref 7.2 rules 1 and 2)."""
    identifiers_used: Annotated[tuple[Ref, ...], Field(max_length=MOST_WORDS, fail_fast=True)]
    """The fields of the request that agreed, by name and never by value (ref 7.2 rule 8)."""


class TypeCount(Wire):
    """How many items of one type and class an answer holds."""

    type: Code
    """The item type, a word of the holder's release table."""
    data_class: DataClass
    """The class of those items in law (ref 2.7)."""
    count: Count
    """How many items of this type and class there are."""


class AnswerStatus(Wire):
    """Part 0 of an answer: how it went, without case content."""

    request_id: Uuid
    """The request that is answered; it must be the header's (HEAD-7)."""
    organisation: Name
    """The organisation that answers; it must be the envelope's sender (VERIFY-38)."""
    revision: Count
    """Which telling of the answer it is, from 0, which only says that a person will look (ID-3)."""
    status: Status
    """How it answered (ref 2.8)."""
    stage: Stage | None
    """Where an AWAITED answer is; null with every other status."""
    reason: Code | None
    """Why nothing or not all is given: a ground of `WithholdGround`, or a reason word of the gate; null: no reason
    is owed."""
    answered_at: Timestamp
    """When the organisation answered, in UTC, by its own clock."""
    data_as_at: Timestamp | None
    """How fresh the records were that were searched, in UTC; null: nothing was searched, or it is not known."""
    approved_by: Name | None
    """The id of the practitioner who signed it (ref 5.0); null: nobody did."""
    decision: GateDecision
    """What the holder's own gate decided, as a controller of its own (ref 2.8 step 6)."""
    match: Match
    """How the subject child was found."""
    matches: Annotated[tuple[Match, ...], Field(max_length=MOST_PEOPLE, fail_fast=True)]
    """How each of the others asked about was found."""
    item_counts: Annotated[tuple[TypeCount, ...], Field(max_length=200, fail_fast=True)]
    """What part 1 holds, in numbers, so that it can be accounted for unopened (ref 3.3)."""


class Item(Wire):
    """One thing an organisation holds about one person asked about (ref 5.0, release table)."""

    type: Code
    """What kind of item it is, a word of the holder's release table."""
    data_class: DataClass
    """What the item is in law, which decides the basis that it needs (ref 2.7)."""
    kind: ItemKind
    """Whether it is fact, opinion, allegation or hearsay (ref 5.0; DPA 2018 s.38(2))."""
    date: Day | None
    """The day it happened or was so; null: the item has no date, or it is not known."""
    precision: Precision | None
    """How much of that day is known; null where there is none."""
    text: Annotated[Text, Field(repr=False)]
    """What is told, as a sentence made from the record or written by a practitioner."""
    about: Ref
    """Whom it is about: their ref in the request."""
    source: ShortText
    """The system or file that the record lies in, by the name that its people use (Y5)."""
    source_ref: Annotated[ShortText, Field(repr=False)]
    """The record's own number there, by which the holder finds it again."""
    recorded_at: Timestamp | None
    """When it was written down at the holder, in UTC; null: it is not known."""
    third_party: bool
    """Whether it tells of somebody besides the person it is about (ref 2.7 D5)."""
    location: bool
    """Whether it tells where somebody can be found (ref 2.7 D6)."""
    statutory_bar: Code | None = None
    """The enactment that restricts its disclosure, as a code of the holder's tables (ref 2.10); null: none does."""
    dsar_hint: DsarHint | None
    """What subject access should look at before it is given to somebody (ref 3.4); null: nothing is known."""
    onward: Onward
    """How far the requester may pass it on (Y4)."""
    subject_category: SubjectCategory | None = None
    """Who the person is in a matter of law enforcement (DPA 2018 s.38(3)); null: it is none, or it was not said."""
    event_status: EventStatus | None = None
    """What became of an alleged offence (DPA 2018 s.38(2)); null: it is about none."""
    regime: Regime | None = None
    """The regime that this item is held under (ref 2.3); null: that of the holder's sector."""
    handling: Code | None = None
    """How it must be handled, as a code of the holder's own (ref 2.7 D7); null: no more than any other."""
    confidence: Code | None = None
    """How sure its author is, as a code of the holder's own (ref 5.0); null: it was not said."""
    delete_after: Day | None = None
    """The day after which the requester must not keep it (ref 3.5); null: as its own schedule says."""


class Judgement(Wire):
    """What only a practitioner may write (Y1 to Y3); every field null until one does."""

    summary: Annotated[Text | None, Field(repr=False)] = None
    """What the organisation holds, summed up (Y1); null: nobody wrote one."""
    explanation: Annotated[Text | None, Field(repr=False)] = None
    """What that means, explained to somebody outside the profession (Y1); null: nobody wrote one."""
    analysis: Annotated[Text | None, Field(repr=False)] = None
    """What the practitioner makes of it as a whole (Y2); null: nobody wrote one."""
    impact_on_child: Annotated[Text | None, Field(repr=False)] = None
    """How it affects the child (Y2); null: nobody wrote of it."""
    risk_to_child: Annotated[Text | None, Field(repr=False)] = None
    """What the child is at risk of, and how gravely (Y2); null: nobody wrote of it."""
    relation_to_presenting_issue: Annotated[Text | None, Field(repr=False)] = None
    """What it has to do with the concern that was raised (Y2); null: nobody wrote of it."""
    cumulative_harm: Annotated[Text | None, Field(repr=False)] = None
    """What harm has added up over time (Y3); null: nobody wrote of it."""
    protective_factors: Annotated[Text | None, Field(repr=False)] = None
    """What keeps the child safe: strengths, people, services (ref 5.0); null: nobody wrote of it."""
    child_voice: Annotated[Text | None, Field(repr=False)] = None
    """What the child has said, or shows (C9; ref 5.0); null: nobody wrote of it."""


class AnswerBody(Wire):
    """Part 1 of an answer: what is released, and what was and was not searched."""

    items: Annotated[tuple[Item, ...], Field(max_length=5000, repr=False, fail_fast=True)]
    """What is released, item by item."""
    systems_searched: Annotated[tuple[ShortText, ...], Field(max_length=40, fail_fast=True)]
    """Where it was looked, by the names that the organisation uses (Y5); empty: nowhere."""
    gaps: Text
    """What was not searched and why: a system away, records not yet coded (ref 5.0); empty: nothing is known to be
    missing."""
    look_back_from: Day | None
    """The first day that the search reached back to (ref 2.8 step 7); null: the whole history, or no search."""
    known_to_agency: bool | None
    """Whether the organisation knows the child, which alone is a disclosure (ref 2.8 step 2); null: not told."""
    lead_contact: Annotated[ShortText | None, Field(repr=False)]
    """Who at the organisation can be asked about it, by name and number (ref 5.0); null: nobody is named."""
    author: Name | None
    """The id of the practitioner who wrote the judgement; null: nobody wrote one."""
    judgement: Judgement
    """What only a practitioner may write (Y1 to Y3)."""


class Answer(Wire):
    """An organisation's answer (kind ANSWER): parts 0 status, 1 body."""

    status: AnswerStatus
    """Part 0: how it went, which the audit service is shown too."""
    body: AnswerBody
    """Part 1: the content, for the requester alone."""
