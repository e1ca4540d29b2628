"""Step 6 of the gate: the law, class by class. A class that lacks a limb is dropped aloud; the others stand.

For each data class asked for and each holder that takes part: the overlay row of (class, regime), then its
conditions in order (ref 2.4: without its reason a condition is not met, and the gate falls to another or
drops). A class is granted where one holder could give it: at a holder there is one, at the hub many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from broker.gate.context import Ask, GateContext, Participant, shows
from broker.gate.rows import BaseRow, BasisRow, ConditionRow, OverlayRow, ProtocolRow
from broker.gate.tables import Tables
from broker.gate.words import ConfidentialityLimb, Duty, Judged, RowState
from schemas.decision import Basis, Dropped
from schemas.vocabulary import DataClass, EvidenceWord, PersonEvidence, Reason


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question to the gate, with what its first steps found; `people` are the refs that passed D5."""

    ask: Ask
    context: GateContext
    tables: Tables
    duty: Duty
    protocol: ProtocolRow
    views_missing: bool
    judged: Judged
    base: BaseRow
    people: frozenset[str]
    person_rows: frozenset[str]
    lacking: tuple[PersonEvidence, ...]

    def shows(self, word: EvidenceWord, *, confidentiality: ConfidentialityLimb | None) -> bool:
        """Say whether this evidence is there; `confidentiality` is the limb that the base row gives, if any."""
        return shows(
            word,
            self.ask,
            context=self.context,
            people=self.people,
            confidentiality=confidentiality,
        )

    def ground(self, participant: Participant) -> BasisRow:
        """Return Article 6 and gateways on which this holder answers."""
        body = self.tables.sector(participant.holder.sector, self.duty).body
        return self.tables.basis(self.base, self.duty, body, self.judged)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A class that this holder could give, on this basis, by this row."""

    participant: Participant
    basis: Basis
    overlay: OverlayRow


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A class that this holder could not give."""

    reason: Reason
    missing: tuple[EvidenceWord, ...] = ()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """What became of the classes asked for, in the vocabulary's order; `participants` could give at least one.

    `bases` has one row a class and basis, with the organisations it is for; `rows` are the overlay rows of every holder
    that could give one.
    """

    bases: tuple[Basis, ...]
    rows: frozenset[str]
    participants: tuple[Participant, ...]
    dropped: tuple[Dropped, ...]
    missing: tuple[EvidenceWord, ...]


def try_classes(case: Case, participants: tuple[Participant, ...]) -> Classes:
    """Try each class at each holder.

    `participants` come in the order of their names. Where none could give a class, the reason is that of the first.
    So the order of the request never decides.
    """
    granted: list[Granted] = []
    useful: set[str] = set()
    rows: set[str] = set()
    dropped: list[Dropped] = []
    missing: list[EvidenceWord] = []
    for data_class in DataClass:
        if data_class not in case.ask.data_classes:
            continue
        tried = [_try(case, participant, data_class) for participant in participants]
        won = [each for each in tried if isinstance(each, Granted)]
        lost = [each for each in tried if isinstance(each, Lost)]
        useful.update(each.participant.holder.organisation for each in won)
        rows.update(each.overlay.id for each in won)
        if won:
            granted.extend(won)
        elif lost:
            dropped.append(Dropped(data_class=data_class, reason=lost[0].reason.value))
            missing.extend(word for word in EvidenceWord if any(word in each.missing for each in lost))
    return Classes(
        bases=_as_rows(granted, useful),
        rows=frozenset(rows),
        participants=tuple(participant for participant in participants if participant.holder.organisation in useful),
        dropped=tuple(dropped),
        missing=tuple(missing),
    )


def _as_rows(granted: list[Granted], asked: set[str]) -> tuple[Basis, ...]:
    """Return equal bases as one row with the organisations that it is for; with none where it is for all asked."""
    whose: dict[Basis, list[str]] = {}
    for each in granted:
        whose.setdefault(each.basis, []).append(each.participant.holder.organisation)
    return tuple(
        basis if set(names) == asked else Basis(**basis.model_dump() | {"organisations": tuple(names)})
        for basis, names in whose.items()
    )


def _try(case: Case, participant: Participant, data_class: DataClass) -> Granted | Lost | None:
    """Test one class at one holder; None when the holder cannot have it (its release table, or its sector)."""
    sector = case.tables.sector(participant.holder.sector, case.duty)
    overlay = case.tables.overlay(data_class, sector.regime)
    if overlay.state is RowState.NEVER:
        return Lost(reason=Reason.NEVER_DISCLOSED)  # before applicability: refused aloud, everywhere (C14)
    if data_class not in case.context.applicable or participant.holder.sector not in overlay.held_by:
        return None
    if overlay.state is not RowState.BUILT:
        return Lost(reason=Reason.NOT_IMPLEMENTED_ROW)
    if data_class not in participant.agreement.data_classes:
        return Lost(reason=Reason.NOT_IN_AGREEMENT)
    condition = _condition(case, participant, overlay)
    if isinstance(condition, Lost):
        return condition
    basis = _basis(case, participant, data_class, overlay, condition)
    return Granted(participant=participant, basis=basis, overlay=overlay)


def _condition(case: Case, participant: Participant, overlay: OverlayRow) -> ConditionRow | Lost:
    """Return the first condition whose limbs are all shown; else say what the one nearest to it lacks."""
    point = {"sector": participant.holder.sector, "duty": case.duty}
    limb_given = case.ground(participant).confidentiality
    lost: Lost | None = None
    for condition in overlay.condition:
        if not condition.when.holds(point):
            continue
        unmet = [limb for limb in condition.limbs if not case.shows(limb.evidence, confidentiality=limb_given)]
        if not unmet:
            return condition
        if lost is None or len(unmet) < len(lost.missing):
            lost = Lost(reason=unmet[0].missing, missing=tuple(limb.evidence for limb in unmet))
    return lost or Lost(reason=Reason.NOT_IMPLEMENTED_ROW)


def _basis(
    case: Case, participant: Participant, data_class: DataClass, overlay: OverlayRow, condition: ConditionRow
) -> Basis:
    sector = case.tables.sector(participant.holder.sector, case.duty)
    ground = case.ground(participant)
    relied_on = {limb.evidence for limb in condition.limbs}
    return Basis(
        data_class=data_class,
        row=overlay.id,
        regime=sector.regime,
        article_6=ground.article_6.value,
        article_9=_value(condition.article_9),
        article_10=_value(condition.article_10),
        schedule_1=values(condition.schedule_1),
        gateways=values((*ground.gateways, *sector.gateways, *condition.gateways)),
        s36_4_authority=_value(sector.s36_4_authority),
        confidentiality_limb=_value(ground.confidentiality) if EvidenceWord.CONFIDENTIALITY_LIMB in relied_on else None,
        no_consent_reason=case.ask.no_consent_reason if EvidenceWord.NO_CONSENT_REASON in relied_on else None,
        apd_ref=case.context.apd_ref if EvidenceWord.APD_REF in relied_on else None,
    )


def values(words: Iterable[StrEnum]) -> tuple[str, ...]:
    """Return each word once, as plain text, in the order in which it was first said."""
    return tuple(dict.fromkeys(word.value for word in words))


def _value(word: StrEnum | None) -> str | None:
    return None if word is None else word.value
