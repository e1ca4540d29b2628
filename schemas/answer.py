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
    certainty: Certainty
    method: MatchMethod
    identifiers_used: Annotated[tuple[Ref, ...], Field(max_length=MOST_WORDS, fail_fast=True)]


class TypeCount(Wire):
    """How many items of one type and class an answer holds."""

    type: Code
    data_class: DataClass
    count: Count


class AnswerStatus(Wire):
    """Part 0 of an answer: how it went, without case content."""

    request_id: Uuid
    organisation: Name
    revision: Count
    status: Status
    stage: Stage | None
    reason: Code | None
    answered_at: Timestamp
    data_as_at: Timestamp | None
    approved_by: Name | None
    decision: GateDecision
    match: Match
    matches: Annotated[tuple[Match, ...], Field(max_length=MOST_PEOPLE, fail_fast=True)]
    item_counts: Annotated[tuple[TypeCount, ...], Field(max_length=200, fail_fast=True)]


class Item(Wire):
    """One thing an organisation holds about one person asked about (ref 5.0, release table).

    `statutory_bar` names the enactment that restricts it; `handling` and `confidence` are the holder's own codes.
    """

    type: Code
    data_class: DataClass
    kind: ItemKind
    date: Day | None
    precision: Precision | None
    text: Annotated[Text, Field(repr=False)]
    about: Ref
    source: ShortText
    source_ref: Annotated[ShortText, Field(repr=False)]
    recorded_at: Timestamp | None
    third_party: bool
    location: bool
    statutory_bar: Code | None = None
    dsar_hint: DsarHint | None
    onward: Onward
    subject_category: SubjectCategory | None = None
    event_status: EventStatus | None = None
    regime: Regime | None = None
    handling: Code | None = None
    confidence: Code | None = None
    delete_after: Day | None = None


class Judgement(Wire):
    """What only a practitioner may write (Y1 to Y3); every field null until one does."""

    summary: Annotated[Text | None, Field(repr=False)] = None
    explanation: Annotated[Text | None, Field(repr=False)] = None
    analysis: Annotated[Text | None, Field(repr=False)] = None
    impact_on_child: Annotated[Text | None, Field(repr=False)] = None
    risk_to_child: Annotated[Text | None, Field(repr=False)] = None
    relation_to_presenting_issue: Annotated[Text | None, Field(repr=False)] = None
    cumulative_harm: Annotated[Text | None, Field(repr=False)] = None
    protective_factors: Annotated[Text | None, Field(repr=False)] = None
    child_voice: Annotated[Text | None, Field(repr=False)] = None


class AnswerBody(Wire):
    """Part 1 of an answer: what is released, and what was and was not searched."""

    items: Annotated[tuple[Item, ...], Field(max_length=5000, repr=False, fail_fast=True)]
    systems_searched: Annotated[tuple[ShortText, ...], Field(max_length=40, fail_fast=True)]
    gaps: Text
    look_back_from: Day | None
    known_to_agency: bool | None
    lead_contact: Annotated[ShortText | None, Field(repr=False)]
    author: Name | None
    judgement: Judgement


class Answer(Wire):
    """An organisation's answer (kind ANSWER): parts 0 status, 1 body."""

    status: AnswerStatus
    body: AnswerBody
