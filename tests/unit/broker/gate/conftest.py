"""An invented partnership and a RED section 47 request, to be changed one fact at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker.gate.context import GateContext, HolderAsked, Side
from broker.gate.engine import gate
from broker.gate.outcome import Authority, NeedsPerson, Refusal
from broker.gate.tables import Tables
from schemas.directory import (
    Directory,
    KemKey,
    Principal,
    Register,
    SharingAgreement,
    SigningKey,
    SuiteWindow,
)
from schemas.request_form import RatedForm
from schemas.vocabulary import (
    DataClass,
    GateOutcome,
    Mode,
    PrincipalRole,
    PrincipalState,
    Purpose,
    ReviewPolicy,
    Sector,
)
from tests.packaged_tables import PROTOCOL, changed, northamptonshire
from tests.people import person, reviews

Outcome = Authority | Refusal | NeedsPerson

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
REVIEW = reviews(RED=ReviewPolicy.AFTER, AMBER=ReviewPolicy.BEFORE, GREEN=ReviewPolicy.NONE)
SECTORS = {
    "police": Sector.POLICE,
    "health": Sector.HEALTH,
    "education": Sector.EDUCATION,
    "probation": Sector.PROBATION,
    "idva": Sector.IDVA,
    "s2s": Sector.SUBSTANCE_MISUSE,
}


def _principal(name: str, sector: Sector, state: PrincipalState) -> Principal:
    kem = KemKey(
        public_key=bytes(1216),
        seal_from=NOW - timedelta(days=1),
        seal_until=NOW + timedelta(days=6),
        open_until=NOW + timedelta(days=27),
        signature=bytes(64),
    )
    return Principal(
        id=name,
        name=name,
        roles=(PrincipalRole.HOLDER,),
        sector=sector,
        acts_for=name,
        state=state,
        signing_keys=(SigningKey(key_id="0" * 32, public_key=bytes(32), possession=bytes(64)),),
        kem_keys=(kem,),
    )


def _sharing(name: str, /, **changes: Any) -> SharingAgreement:
    usual = SharingAgreement(
        id=f"DSA-{name}",
        version=3,
        holder=name,
        requester="hub",
        valid_from=NOW - timedelta(days=300),
        valid_until=NOW + timedelta(days=65),
        purposes=tuple(Purpose),
        data_classes=tuple(DataClass),
        modes=tuple(Mode),
        review=REVIEW,
    )
    return usual.model_copy(update=changes)


def _directory(agreements: tuple[SharingAgreement, ...], state: PrincipalState) -> Directory:
    return Directory(
        partnership="northants",
        version=7,
        issued_at=NOW - timedelta(days=1),
        expires_at=NOW + timedelta(days=6),
        previous_digest=None,
        register_digest=bytes(32),
        profile_digest=bytes(32),
        protocol_digest=bytes(32),
        law_digest=bytes(32),
        suites=(SuiteWindow(name="MASH1", accepted_from=NOW - timedelta(days=9), accepted_until=None),),
        principals=tuple(_principal(name, sector, state) for name, sector in SECTORS.items()),
        agreements=agreements,
    )


def _register() -> Register:
    hub = {
        "rc-01": "MASH_OFFICER",
        "mm-01": "MASH_MANAGER",
        "mm-02": "MASH_MANAGER",
        "sw-014": "MASH_SOCIAL_WORKER",
        "pc-01": "PARTNERSHIP_COORDINATOR",
        "edt-01": "OUT_OF_HOURS_WORKER",
        "sm-01": "SERVICE_MANAGER",
        "ig-01": "GOVERNANCE_OFFICER",
    }
    people = [person(actor, "hub", title) for actor, title in hub.items()]
    two_posts = [person("two-01", "hub", title) for title in ("MASH_MANAGER", "MASH_SOCIAL_WORKER")]
    elsewhere = person("police-mm", "police", "MASH_MANAGER")
    return Register(partnership="northants", version=1, people=(*people, *two_posts, elsewhere))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def tables() -> Tables:
    return northamptonshire()


@pytest.fixture
def form() -> dict[str, Any]:
    """A complete RED request of a manager about one child and her mother, for ordinary and special data."""
    return {
        "case_ref": "C-000123",
        "purpose": "S47_ENQUIRY",
        "band": "RED",
        "section": "S47",
        "requester": {"actor": "mm-01", "role": "MASH_MANAGER"},
        "presenting_issues": ["DOMESTIC_ABUSE"],
        "narrative": "invented",
        "threshold_statement": "reasonable cause to suspect significant harm: invented",
        "no_consent_reason": "WOULD_PREJUDICE_PROTECTION",
        "family_informed": {"status": "DEFERRED", "reason": "WOULD_INCREASE_RISK"},
        "people": [
            {
                "ref": "p1",
                "roles": ["SUBJECT_CHILD"],
                "given_names": ["Jane"],
                "family_name": "Invented",
                "date_of_birth": "2015-10-22",
            },
            {
                "ref": "p2",
                "roles": ["PARENT"],
                "given_names": ["Ann"],
                "family_name": "Invented",
                "date_of_birth": "1988-02-01",
                "relation_to_child": "BIRTH_MOTHER",
                "why_needed": "lives with the child",
            },
        ],
        "agencies": ["police"],
        "data_classes": ["ORDINARY", "SPECIAL"],
        "mode": "CONTENT",
    }


@pytest.fixture
def agreed() -> dict[str, Any]:
    """The mother's agreement, as the form has it."""
    return {"person": "p2", "status": "OBTAINED", "recorded_by": "sw-014", "recorded_at": "2026-11-20T10:00:00Z"}


@pytest.fixture
def screening(form: dict[str, Any]) -> dict[str, Any]:
    """A complete AMBER request for screening; nobody's agreement is recorded (P3)."""
    return {**form, "purpose": "MASH_SCREENING", "band": "AMBER", "data_classes": ["ORDINARY"]}


@pytest.fixture
def early_help(form: dict[str, Any], agreed: dict[str, Any]) -> dict[str, Any]:
    """A complete GREEN request for early help, agreed to, with no reason to go without consent (P5)."""
    asked = {"purpose": "EARLY_HELP", "band": "GREEN", "section": "S10", "no_consent_reason": None}
    return {**form, **asked, "agreements": [agreed]}


@pytest.fixture
def sharing() -> Callable[..., SharingAgreement]:
    """Make the agreement between one holder and the hub, with changes."""
    return _sharing


@pytest.fixture
def context() -> Callable[..., GateContext]:
    """Make a standing: `standing("police")` is police's, `standing("police", "health", side=Side.HUB)` the hub's.

    `sharing` are the agreements of the directory, `state` that of every organisation; else the standing's own fields.
    """

    def make(
        *names: str,
        side: Side = Side.HOLDER,
        sharing: Iterable[SharingAgreement] | None = None,
        state: PrincipalState = PrincipalState.LIVE,
        **changes: Any,
    ) -> GateContext:
        at_holder = side is Side.HOLDER
        agreements = tuple(_sharing(name) for name in SECTORS) if sharing is None else tuple(sharing)
        facts: dict[str, Any] = {
            "side": side,
            "requester": "hub",
            "holders": tuple(HolderAsked(organisation=name, sector=SECTORS[name]) for name in names),
            "directory": _directory(agreements, state),
            "directory_stale": False,
            "register": _register(),
            "agreement": (f"DSA-{names[0]}", 3) if at_holder and names else None,
            "apd_ref": "APD-1" if at_holder else None,
            "applicable": frozenset(DataClass),
        }
        return GateContext(**{**facts, **changes})

    return make


class Decide:
    """Asks the gate at the invented present, and says what kind of outcome is expected."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def __call__(
        self,
        form: dict[str, Any],
        context: GateContext,
        *,
        at: datetime = NOW,
        by: Tables | None = None,
        judged_by: str | None = None,
    ) -> Outcome:
        ask = RatedForm.model_validate(form)
        return gate(ask, context=context, tables=by or self._tables, now=at, judged_by=judged_by)

    def permitted(self, form: dict[str, Any], context: GateContext, **how: Any) -> Authority:
        outcome = self(form, context, **how)
        assert isinstance(outcome, Authority), outcome.decision
        return outcome

    def referred(self, form: dict[str, Any], context: GateContext, **how: Any) -> NeedsPerson:
        outcome = self(form, context, **how)
        assert isinstance(outcome, NeedsPerson), outcome.decision
        assert outcome.decision.outcome is GateOutcome.REFER
        assert outcome.decision.basis == ()
        return outcome

    def refused(self, form: dict[str, Any], context: GateContext, **how: Any) -> Refusal:
        outcome = self(form, context, **how)
        assert isinstance(outcome, Refusal), outcome.decision
        assert outcome.decision.outcome is GateOutcome.DENY
        assert outcome.decision.basis == ()
        return outcome

    @staticmethod
    def drops(outcome: Outcome) -> dict[str, str]:
        return {each.data_class.value: each.reason for each in outcome.decision.dropped}


@pytest.fixture
def decide(tables: Tables) -> Decide:
    """Decide with the packaged tables unless told otherwise."""
    return Decide(tables)


@pytest.fixture
def asking_views() -> Tables:
    """Return the tables of a partnership that adopted C9; Northamptonshire's manual does not have it."""
    return northamptonshire(protocol=changed(PROTOCOL, "ages = []", "ages = [16, 17]"))
