"""The three things a gate may say. Only `engine` makes the first two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import final

from schemas.decision import GateDecision
from schemas.directory import SharingAgreement
from schemas.vocabulary import DataClass, DeskReason, Mode, ReviewPolicy


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TypeReach:
    """An item type that may be told, and how far back; None means whatever its date."""

    type: str
    look_back: timedelta | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Proof that this may be asked (hub) or answered (holder): for these classes, people and depth, by these rows.

    `people` are the refs about whom anything may be said; `look_back` None means the full relevant history; `only`
    are the item types that may be told, None all; `agreements` are the sharing agreements relied on (one at a holder).
    """

    decision: GateDecision
    data_classes: frozenset[DataClass]
    people: frozenset[str]
    mode: Mode
    look_back: timedelta | None
    only: tuple[TypeReach, ...] | None
    agreements: tuple[SharingAgreement, ...]
    review: ReviewPolicy

    def reaches(self, *, item_type: str, dated: date | None, flagged: bool, today: date) -> bool:
        """Return whether an item of this type and last possible day is within the depth of the priority.

        Flagged history counts whatever its age, but never widens a closed list of types. Undated is not current: only
        a full history holds it. Source: reference 2.8 step 7.
        """
        look_back = self.look_back
        if self.only is not None:
            reach = next((each for each in self.only if each.type == item_type), None)
            if reach is None:
                return False
            look_back, flagged = reach.look_back, False
        return look_back is None or flagged or (dated is not None and dated >= today - look_back)


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
