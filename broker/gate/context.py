"""What the request and the holder's papers show: facts for the tables, and faults. Nothing here permits.

Everything is read from the request, the directory and the register; never from what is held. A word that
nobody wrote is not evidence: blank text, and text of invisible characters, shows nothing.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never, final
from zoneinfo import ZoneInfo

from broker.errors import InvariantError
from broker.gate.rows import PersonRow
from broker.gate.tables import Tables
from broker.gate.words import AgreementState, ConfidentialityLimb, OverrideState
from schemas.directory import Directory, Person, Register, SharingAgreement
from schemas.request import Actor, PersonAsked, RequestCommon
from schemas.request_form import RatedForm
from schemas.vocabulary import (
    AgreementStatus,
    Capability,
    DataClass,
    EvidenceWord,
    Informed,
    PersonEvidence,
    PersonRole,
    PrincipalRole,
    Reason,
    Sector,
    ViewsStatus,
)

Ask = RatedForm | RequestCommon
"""What is asked: as the hub's people wrote it, or as the part of a request that every holder gets."""


class Side(StrEnum):
    """Whose gate it is: "may we ask?" or "may we answer?"."""

    HUB = "HUB"
    HOLDER = "HOLDER"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HolderAsked:
    """An organisation that is asked, and its sector, which says under which law it answers."""

    organisation: str
    sector: Sector


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GateContext:
    """What the request itself cannot tell.

    `requester` is the organisation that asks (at a holder: from the verified header). `holders` is exactly
    one at a holder. `agreement` is the (id, version) that the addressed part names, `apd_ref` the holder's
    own appropriate policy document (None: missing or expired); both are None at the hub, where they are not
    tested. `applicable` are the classes that the holder's release table has; at the hub, all.
    """

    side: Side
    requester: str
    holders: tuple[HolderAsked, ...]
    directory: Directory
    directory_stale: bool
    register: Register
    agreement: tuple[str, int] | None
    apd_ref: str | None
    applicable: frozenset[DataClass]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A holder that takes part, with the agreement in force under which it is asked."""

    holder: HolderAsked
    agreement: SharingAgreement


# ---------------------------------------------------------------- who asks (R1, C8)


def acting_faults(ask: Ask, *, context: GateContext, tables: Tables) -> tuple[Reason, ...]:
    """Say what is wrong with who asks, or with who overrides; empty when nothing is."""
    entries = context.register.entries(ask.requester.actor, context.requester)
    asking = _under_one_title(entries, ask.requester.role)
    faults: list[Reason] = []
    if isinstance(ask, RequestCommon) and ask.organisation != context.requester:
        faults.append(Reason.REQUESTER_MISMATCH)  # a verified sender speaking as another organisation
    if not entries:
        faults.append(Reason.UNKNOWN_ACTOR)
    elif asking is None:
        faults.append(Reason.ROLE_NOT_HELD)
    else:
        faults.extend(_lacking(asking, ask, tables))
    return (*faults, *_override_faults(ask, context))


def under_title(form: RatedForm, *, context: GateContext) -> RatedForm:
    """Return the form with the asker's only title, where it names none; as it is where there are none or several."""
    who = form.requester
    entry = _under_one_title(context.register.entries(who.actor, context.requester), who.role)
    if who.role is not None or entry is None:
        return form
    values = {name: getattr(form, name) for name in RatedForm.model_fields}
    return RatedForm(**{**values, "requester": Actor(actor=who.actor, role=entry.title, reply_to=who.reply_to)})


def _under_one_title(entries: tuple[Person, ...], title: str | None) -> Person | None:
    """Return the entry under the title that is named, or the only one; never a choice among several."""
    named = [one for one in entries if title in (None, one.title)]
    return named[0] if len(named) == 1 else None


def _lacking(person: Person, ask: Ask, tables: Tables) -> tuple[Reason, ...]:
    """Say which capabilities the request needs that this person does not hold for its band and purpose."""
    priority = tables.rag(ask.band)
    needed = {Capability.ASK: Reason.ROLE_MAY_NOT_ASK, priority.set_by: priority.otherwise}
    return tuple(why for what, why in needed.items() if not person.may(what, band=ask.band, purpose=ask.purpose))


def override_state(ask: Ask, *, context: GateContext) -> OverrideState:
    """Say whether a valid override comes with the request (C8)."""
    valid = ask.override is not None and not _override_faults(ask, context)
    return OverrideState.VALID if valid else OverrideState.NONE


def _override_faults(ask: Ask, context: GateContext) -> tuple[Reason, ...]:
    """Test an override wherever one comes, also where no row needs it: a false one is never waved through."""
    if ask.override is None:
        return ()
    faults: list[Reason] = []
    if ask.override.manager == ask.requester.actor:
        faults.append(Reason.OVERRIDE_BY_REQUESTER)
    manager = context.register.entries(ask.override.manager, context.requester)
    if not any(one.may(Capability.OVERRIDE, band=ask.band, purpose=ask.purpose) for one in manager):
        faults.append(Reason.OVERRIDE_NOT_BY_MANAGER)
    if _blank(ask.override.rationale):
        faults.append(Reason.OVERRIDE_WITHOUT_RATIONALE)
    return tuple(faults)


# ---------------------------------------------------------------- about whom (ref 2.8 step 1, D5)


def person_rows(person: PersonAsked, tables: Tables) -> tuple[PersonRow, ...]:
    """Return the rows of this person: one a role; for the child the child's own alone, whatever else they are."""
    roles = (PersonRole.SUBJECT_CHILD,) if person.is_subject else person.roles
    return tuple(tables.person(role) for role in roles)


def person_lacks(person: PersonAsked, rows: tuple[PersonRow, ...]) -> tuple[PersonEvidence, ...]:
    """Return what any of the rows wants shown for this person and the request does not show."""
    wanted = dict.fromkeys(word for row in rows for word in row.evidence)
    return tuple(word for word in wanted if not _person_shows(person, word))


def _person_shows(person: PersonAsked, word: PersonEvidence) -> bool:
    match word:
        case PersonEvidence.RELATION_TO_CHILD:
            return person.relation_to_child is not None
        case PersonEvidence.WHY_NEEDED:
            return person.why_needed is not None and not _blank(person.why_needed)
        case _:
            assert_never(word)


def agreement_state(ask: Ask) -> AgreementState:
    """Return the agreement to a service, over everybody whose agreement counts (ref 2.6, C7).

    It must come from every PARENT and CARER named, or from the child if none is named; one REFUSED or
    WITHDRAWN, of anybody and whenever recorded, refuses.
    """
    statuses: dict[str, set[AgreementStatus]] = {}
    for agreement in ask.agreements:
        statuses.setdefault(agreement.person, set()).add(agreement.status)
    if any({AgreementStatus.REFUSED, AgreementStatus.WITHDRAWN} & said for said in statuses.values()):
        return AgreementState.REFUSED
    counted = [statuses.get(person.ref, set()) for person in _who_must_agree(ask)]
    if counted and all(AgreementStatus.OBTAINED in said for said in counted):
        return AgreementState.OBTAINED
    either = {AgreementStatus.OBTAINED, AgreementStatus.OVERRIDDEN}
    return AgreementState.OVERRIDDEN if counted and all(either & said for said in counted) else AgreementState.MISSING


def _who_must_agree(ask: Ask) -> list[PersonAsked]:
    adults = [person for person in ask.people if {PersonRole.PARENT, PersonRole.CARER} & set(person.roles)]
    return adults or [person for person in ask.people if person.is_subject]


# ---------------------------------------------------------------- of whom (ref 2.8 step 1)


def participants(
    ask: Ask, *, context: GateContext, tables: Tables, now: datetime
) -> tuple[tuple[Participant, ...], tuple[Reason, ...]]:
    """Return the holders that may be asked, by name, and why each of the others may not.

    Raises: InvariantError when a holder's gate is asked about any number of holders but one.
    """
    if context.side is Side.HOLDER and len(context.holders) != 1:
        raise InvariantError("a holder's gate decides for exactly one organisation")
    taking_part, in_force = _taking_part(context.directory, tables), _in_force(ask, context, now)
    found: list[Participant] = []
    faults: list[Reason] = [] if context.holders else [Reason.NO_HOLDER]
    for holder in sorted(set(context.holders), key=lambda each: (each.organisation, each.sector)):
        if (holder.organisation, holder.sector) not in taking_part:
            faults.append(Reason.HOLDER_NOT_TAKING_PART)
        elif holder.organisation not in in_force:
            faults.append(Reason.AGREEMENT_NOT_IN_FORCE)
        else:
            found.append(Participant(holder=holder, agreement=in_force[holder.organisation]))
    return tuple(found), tuple(faults)


def _taking_part(directory: Directory, tables: Tables) -> frozenset[tuple[str, Sector]]:
    """Holders with their sectors: the sector chooses the law, so the signed directory must say the same."""
    return frozenset(
        (principal.id, principal.sector)
        for principal in directory.principals
        if PrincipalRole.HOLDER in principal.roles and principal.state in tables.local.holder_states
    )


def _in_force(ask: Ask, context: GateContext, now: datetime) -> dict[str, SharingAgreement]:
    """Return by holder the agreement that covers this request: the named one, or at the hub the widest."""
    asked = frozenset(ask.data_classes)
    covering = [
        each
        for each in context.directory.agreements
        if each.requester == context.requester
        and each.valid_from <= now < each.valid_until
        and ask.purpose in each.purposes
        and ask.mode in each.modes
        and (context.side is Side.HUB or (each.id, each.version) == context.agreement)
    ]
    # Later entries win in the dictionary, so the widest, then the newest, stands last.
    covering.sort(key=lambda each: (len(asked & set(each.data_classes)), each.valid_from, each.version, each.id))
    return {each.holder: each for each in covering}


# ---------------------------------------------------------------- what is shown

_ENGLAND = ZoneInfo("Europe/London")


def shows(
    word: EvidenceWord,
    ask: Ask,
    *,
    context: GateContext,
    people: frozenset[str],
    confidentiality: ConfidentialityLimb | None,
) -> bool:
    """Say whether this evidence is there.

    `people` are the refs that passed the test of D5; `confidentiality` is the limb that the base row gives, if any.
    """
    match word:
        case EvidenceWord.THRESHOLD_STATEMENT:
            return not _blank(ask.threshold_statement)
        case EvidenceWord.FAMILY_INFORMED_REASON:
            return ask.family_informed.status is Informed.YES or ask.family_informed.reason is not None
        case EvidenceWord.NO_CONSENT_REASON:
            return ask.no_consent_reason is not None
        case EvidenceWord.APD_REF:
            # The policy document is the discloser's (ref 2.4). The hub discloses nothing special by asking.
            return context.side is Side.HUB or bool(context.apd_ref)
        case EvidenceWord.NAMED_PERSON:
            return any(person.ref in people for person in ask.people if not person.is_subject)
        case EvidenceWord.CHILD_VIEWS:
            return shows_views(ask)
        case EvidenceWord.CONFIDENTIALITY_LIMB:
            # PUBLIC_INTEREST and CONSENT would be a clinician's evidence (ref 2.9), and a request cannot bring it.
            return confidentiality is not None
        case _:
            assert_never(word)


def shows_views(ask: Ask) -> bool:
    """Say whether the child's own views are given, or why they are not (C9)."""
    views = ask.child_views
    if views is None:
        return False
    said = views.text if views.status is ViewsStatus.ASCERTAINED else views.reason
    return said is not None and not _blank(said)


def owes_views(ask: Ask, *, tables: Tables, now: datetime) -> bool:
    """Say whether the child's own views are owed: of an age, today in England, and for a purpose that asks (C9)."""
    today, rule = now.astimezone(_ENGLAND).date(), tables.local.own_views
    born = [person.date_of_birth for person in ask.people if person.is_subject]
    if ask.purpose not in rule.purposes or not rule.ages:
        return False
    return any(day is None or _age(day, today) in rule.ages for day in born)  # of an age that nobody knows: owed


def _age(born: date, today: date) -> int:
    """Return the age in whole years; somebody born on 29 February turns on 1 March in a common year."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _blank(text: str) -> bool:
    """Zero-width and other invisible characters count as blank: what nobody can read states nothing."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)
