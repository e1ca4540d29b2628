"""The lawful-basis gate: may this be asked (hub), may this be answered (holder)? Default deny.

The decision is computed from request, directory, register and tables only, never from what is held, so it
tells nothing about what is held (blueprint section 6; ref 2.8):

(1) a stale directory waits for a person; (2) who asks and who overrides is registered for it (R1, C8);
(3) what D5 wants for each person is there, else that person is left out (that there is one child is the record's);
(4) the holder takes part, under an agreement in force; (5) the local protocol passes, denies or refers
    (to a person: at a holder a named practitioner's judgement answers a referral, and nothing else);
(6) the purpose's base row has its evidence, then each data class its limbs: else that class is dropped;
(7) PERMIT, PARTIAL when something was dropped, DENY when nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from broker.errors import InvariantError
from broker.exchange.timing import stage
from broker.gate.context import (
    Ask,
    GateContext,
    Participant,
    Side,
    acting_faults,
    agreement_state,
    override_state,
    owes_views,
    participants,
    person_lacks,
    person_rows,
    shows_views,
)
from broker.gate.law import Case, try_classes, values
from broker.gate.outcome import Authority, NeedsPerson, Refusal, TypeReach
from broker.gate.rows import Days, OverlayRow, ProtocolRow
from broker.gate.tables import Tables
from broker.gate.words import Judged, RowState, Verdict
from schemas.decision import Basis, Dropped, GateDecision
from schemas.vocabulary import (
    DeskReason,
    EvidenceWord,
    GateOutcome,
    Obligation,
    PersonEvidence,
    RatingBand,
    Reason,
    ReviewPolicy,
)

_STRICTEST_FIRST = (ReviewPolicy.BEFORE, ReviewPolicy.AFTER, ReviewPolicy.NONE)


@stage("gate")
def gate(
    ask: Ask, *, context: GateContext, tables: Tables, now: datetime, judged_by: str | None
) -> Authority | Refusal | NeedsPerson:
    """Decide; see the steps above. `now` is aware.

    `judged_by` is the holder's practitioner who judged that the duty outranks the protocol's refusal, if one did.

    Raises: InvariantError when a holder's gate is not asked about exactly one holder, or a judgement has no holder.
    """
    if judged_by is not None and (context.side is Side.HUB or not judged_by.strip()):
        raise InvariantError("only a named practitioner of a holder judges that the duty outranks the protocol")
    case = _open(ask, context=context, tables=tables, now=now, judged=judged_by is not None)
    if context.directory_stale or now >= context.directory.expires_at:  # (1)
        return _refer(case, DeskReason.STALE, (Reason.DIRECTORY_STALE,))
    taken, not_taken = participants(ask, context=context, tables=tables, now=now)  # (4)
    faults = (
        *acting_faults(ask, context=context, tables=tables),  # (2)
        *(() if taken else not_taken),  # (4)
        *(case.protocol.reasons if case.protocol.verdict is Verdict.DENY else ()),  # (5)
        *(() if case.base.state is RowState.BUILT else (Reason.NOT_IMPLEMENTED_ROW,)),  # (6)
    )
    missing = tuple(word for word in case.base.evidence if not case.shows(word, confidentiality=None))  # (6)
    if faults or missing:
        return _refuse(case, (*faults, *((Reason.EVIDENCE_MISSING,) if missing else ())), missing)
    if _needs_judgement(case.protocol, case.views_missing) and case.judged is Judged.NO:  # (5)
        return _refer(case, DeskReason.REFERRED, _why_referred(case))
    return _conclude(case, taken, not_taken)


def _open(ask: Ask, *, context: GateContext, tables: Tables, now: datetime, judged: bool) -> Case:
    people: set[str] = set()
    rows: set[str] = set()
    lacking: set[PersonEvidence] = set()
    for person in ask.people:  # (3)
        wanted = person_rows(person, tables)
        lacks = person_lacks(person, wanted)
        lacking.update(lacks)
        if not lacks:
            people.add(person.ref)
            rows.update(row.overlay for row in wanted if row.overlay is not None)
    protocol = tables.protocol(
        {
            "purpose": ask.purpose,
            "rag": ask.band,
            "agreement": agreement_state(ask),
            "override": override_state(ask, context=context),
            "duty": tables.duty(now),
        }
    )
    views_missing = owes_views(ask, tables=tables, now=now) and not shows_views(ask)
    return Case(
        ask=ask,
        context=context,
        tables=tables,
        duty=tables.duty(now),
        protocol=protocol,
        views_missing=views_missing,
        judged=Judged.YES if judged and _needs_judgement(protocol, views_missing) else Judged.NO,
        base=tables.base(ask.purpose),
        people=frozenset(people),
        person_rows=frozenset(rows),
        lacking=tuple(word for word in PersonEvidence if word in lacking),
    )


def _needs_judgement(protocol: ProtocolRow, views_missing: bool) -> bool:
    return protocol.verdict is Verdict.REFER or views_missing


def _why_referred(case: Case) -> tuple[Reason, ...]:
    return (*case.protocol.reasons, *((Reason.CHILD_VIEWS_MISSING,) if case.views_missing else ()))


# ---------------------------------------------------------------- (7) the outcome


def _conclude(case: Case, taken: tuple[Participant, ...], not_taken: tuple[Reason, ...]) -> Authority | Refusal:
    classes = try_classes(case, taken)  # (6)
    missing = (*classes.missing, *case.lacking)
    left_out = (*not_taken, *((Reason.PERSON_LEFT_OUT,) if case.lacking else ()))
    if not classes.bases:  # (7)
        return _refuse(case, (Reason.NOTHING_LEFT, *left_out), missing, dropped=classes.dropped)
    if classes.participants != taken:
        left_out = (*left_out, Reason.HOLDER_CANNOT_GIVE)  # asking it would only tell it of the child
    rows = case.person_rows | classes.rows
    overlays = tuple(row for row in case.tables.law.overlay if row.id in rows)
    decision = _decision(
        case,
        GateOutcome.PARTIAL if classes.dropped or left_out else GateOutcome.PERMIT,
        rows=(case.base.id, *(row.id for row in overlays)),
        reasons=left_out,
        dropped=classes.dropped,
        missing=missing,
        obligations=_obligations(case, overlays, classes.participants),
        basis=classes.bases,
    )
    return _authority(case, decision, classes.participants)


def _authority(case: Case, decision: GateDecision, asked: tuple[Participant, ...]) -> Authority:
    row = case.tables.rag(case.ask.band)
    only = (
        None
        if row.only is None
        else tuple(TypeReach(type=each.type, look_back=_back(each.look_back_days)) for each in row.only)
    )
    return Authority(
        decision=decision,
        data_classes=frozenset(basis.data_class for basis in decision.basis),
        people=case.people,
        mode=case.ask.mode,
        look_back=_back(row.look_back_days),
        only=only,
        agreements=tuple(participant.agreement for participant in asked),
        review=_review(asked, case.ask.band),
    )


def _back(days: Days) -> timedelta | None:
    return None if days == "FULL" else timedelta(days=days)


def _obligations(
    case: Case, overlays: tuple[OverlayRow, ...], asked: tuple[Participant, ...]
) -> tuple[Obligation, ...]:
    """Collect what is owed. Logging (s.62) and review are a holder's duties, not the hub's."""
    owed = [*case.base.obligations]
    for overlay in overlays:
        owed.extend(overlay.obligations)
    owed.extend(case.tables.rag(case.ask.band).obligations)
    if case.context.side is Side.HOLDER:
        for participant in asked:
            owed.extend(case.tables.sector(participant.holder.sector, case.duty).obligations)
        if case.judged is Judged.YES:
            owed.append(Obligation.JUDGED_BY_PRACTITIONER)  # the audit event names who
        owed.append(Obligation(f"REVIEW_{_review(asked, case.ask.band).value}"))
    return tuple(owed)


def _review(asked: tuple[Participant, ...], rag: RatingBand) -> ReviewPolicy:
    """Return the strictest review of the agreements relied on."""
    policies = {participant.agreement.review_at(rag) for participant in asked}
    return next(policy for policy in _STRICTEST_FIRST if policy in policies)


def _refuse(
    case: Case,
    reasons: tuple[Reason, ...],
    missing: Iterable[StrEnum],
    *,
    dropped: tuple[Dropped, ...] = (),
) -> Refusal:
    rows = (case.base.id,)
    return Refusal(
        decision=_decision(case, GateOutcome.DENY, rows=rows, reasons=reasons, missing=missing, dropped=dropped)
    )


def _refer(case: Case, why: DeskReason, reasons: tuple[Reason, ...]) -> NeedsPerson:
    missing = (EvidenceWord.CHILD_VIEWS,) if Reason.CHILD_VIEWS_MISSING in reasons else ()
    decision = _decision(case, GateOutcome.REFER, rows=(case.base.id,), reasons=reasons, missing=missing)
    return NeedsPerson(reason=why, detail=reasons[0].value, decision=decision)


def _decision(
    case: Case,
    outcome: GateOutcome,
    *,
    rows: tuple[str, ...],
    reasons: Iterable[Reason],
    missing: Iterable[StrEnum] = (),
    dropped: tuple[Dropped, ...] = (),
    obligations: Iterable[Obligation] = (),
    basis: tuple[Basis, ...] = (),
) -> GateDecision:
    return GateDecision(
        outcome=outcome,
        rows=rows,
        reasons=values(reasons),
        dropped=dropped,
        missing_evidence=values(missing),
        obligations=values(obligations),
        basis=basis,
        table_version=case.tables.version,
        table_hash=case.tables.hash,
    )
