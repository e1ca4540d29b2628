"""The three things a gate may say. Only `engine` makes the first two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import final

from schemas.decision import GateDecision
from schemas.directory import SharingAgreement
from schemas.vocabulary import DataClass, DeskReason, Mode, ReviewPolicy


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Proof that this may be asked (hub) or answered (holder): for these classes, people and depth, by these rows.

    `people` are the refs about whom anything may be said; `look_back` None means the full relevant history, zero means
    nothing dated; `agreements` are the data sharing agreements relied on (one at a holder).
    """

    decision: GateDecision
    data_classes: frozenset[DataClass]
    people: frozenset[str]
    mode: Mode
    look_back: timedelta | None
    agreements: tuple[SharingAgreement, ...]
    review: ReviewPolicy


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The gate said no, with rows and reasons; a refusal is answered, audited and never silent."""

    decision: GateDecision


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsPerson:
    """A person must decide before anything is said; `decision` is what the gate knew, where it got so far."""

    reason: DeskReason
    detail: str | None
    decision: GateDecision
