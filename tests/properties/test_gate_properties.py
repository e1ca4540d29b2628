"""What the gate never does, over many requests: widen, permit the unasked, mind the order, decide without a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.gate.context import GateContext, HolderAsked, Side
from broker.gate.engine import gate
from broker.gate.outcome import Authority, NeedsPerson, Refusal
from schemas.directory import Directory, KemKey, Principal, Register, SharingAgreement, SigningKey, SuiteWindow
from schemas.request_form import RatedForm
from schemas.vocabulary import (
    AgreementStatus,
    DataClass,
    DeskReason,
    GateOutcome,
    Informed,
    Mode,
    NoConsentReason,
    NotInformedReason,
    PersonRole,
    PrincipalRole,
    PrincipalState,
    Purpose,
    RatingBand,
    Relation,
    ReviewPolicy,
    Sector,
)
from tests.packaged_tables import northamptonshire
from tests.people import TITLES, reviews
from tests.people import person as registered

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TABLES = northamptonshire()
SECTORS = (Sector.POLICE, Sector.HEALTH, Sector.EDUCATION, Sector.PROBATION, Sector.IDVA)
ACTORS = {"mm-01": "MASH_MANAGER", "mm-02": "MASH_MANAGER", "sw-014": "MASH_SOCIAL_WORKER"}
REGISTER = Register(
    partnership="northants",
    version=1,
    people=tuple(registered(actor, "hub", title) for actor, title in ACTORS.items()),
)

some = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def person(ref, role, relation_to_child=Relation.OTHER_HOUSEHOLD, why_needed="lives there"):
    name = {"given_names": ["Jo"], "family_name": "Invented", "date_of_birth": "2010-01-31"}
    return {"ref": ref, "roles": [role], "relation_to_child": relation_to_child, "why_needed": why_needed, **name}


COMPLETE = {
    "case_ref": "C-000123",
    "purpose": Purpose.S47_ENQUIRY,
    "band": RatingBand.RED,
    "section": "S47",
    "requester": {"actor": "mm-01", "role": "MASH_MANAGER"},
    "presenting_issues": ["NEGLECT"],
    "narrative": "invented",
    "threshold_statement": "reasonable cause",
    "family_informed": {"status": Informed.NO, "reason": NotInformedReason.NOT_PRACTICABLE, "note": "away"},
    "people": [person("p1", PersonRole.SUBJECT_CHILD), person("p2", PersonRole.PARENT)],
    "agencies": ["police"],
    "mode": Mode.CONTENT,
    "agreements": [],
    "override": None,
}
others = st.builds(
    person,
    st.sampled_from(["p2", "p3", "p4"]),
    st.sampled_from([role for role in PersonRole if role is not PersonRole.SUBJECT_CHILD]),
    relation_to_child=st.sampled_from([Relation.UNKNOWN, None]),
    why_needed=st.sampled_from(["lives there", None, "", "\u200d"]),
)
agreement = st.tuples(st.sampled_from(["p1", "p2", "p9"]), st.sampled_from(AgreementStatus)).map(
    lambda said: {"person": said[0], "status": said[1], "recorded_by": "sw-014", "recorded_at": NOW}
)
override = st.sampled_from([*ACTORS, "mm-99"]).map(
    lambda manager: {"manager": manager, "rationale": "risk", "oversight_ref": "OV-17"}
)
CHANGES = {
    "purpose": st.sampled_from(Purpose),
    "band": st.sampled_from(RatingBand),
    "requester": st.fixed_dictionaries(
        {"actor": st.sampled_from([*ACTORS, "x"]), "role": st.sampled_from([*TITLES, None])}
    ),
    "threshold_statement": st.sampled_from(["", " \n", "."]),
    "family_informed": st.fixed_dictionaries(
        {
            "status": st.sampled_from(Informed),
            "reason": st.none() | st.sampled_from(NotInformedReason),
            "note": st.just("invented"),
        }
    ),
    "people": st.lists(others, max_size=3, unique_by=lambda one: one["ref"]).map(
        lambda more: [COMPLETE["people"][0], *more]
    ),
    "mode": st.sampled_from(Mode),
    "child_views": st.sampled_from([None, " ", "invented"]).map(
        lambda said: said and {"status": "ASCERTAINED", "text": said}
    ),
    "agreements": st.lists(agreement, max_size=2),
    "override": override,
}


AGREED = [{"person": "p2", "status": AgreementStatus.OBTAINED, "recorded_by": "sw-014", "recorded_at": NOW}]
PURPOSES = (
    {},
    {"purpose": Purpose.IMMEDIATE_PROTECTION},
    {"purpose": Purpose.MASH_SCREENING, "band": RatingBand.AMBER},
    {"purpose": Purpose.MASH_SCREENING, "band": RatingBand.AMBER, "agreements": AGREED},
    {"purpose": Purpose.S17_ASSESSMENT, "band": RatingBand.AMBER, "agreements": AGREED},
    {"purpose": Purpose.EARLY_HELP, "band": RatingBand.GREEN, "agreements": AGREED},
)


@st.composite
def forms(draw):
    """A complete request with up to two parts changed: so many come through, and each limb is met and missed."""
    form = {
        **COMPLETE,
        **draw(st.sampled_from(PURPOSES)),
        "data_classes": draw(st.lists(st.sampled_from(DataClass), min_size=1, max_size=8)),
        "no_consent_reason": draw(st.none() | st.sampled_from(NoConsentReason)),
    }
    for name in draw(st.lists(st.sampled_from(sorted(CHANGES)), max_size=2)):
        form[name] = draw(CHANGES[name])
    return form


def principal(sector, state):
    week = {"seal_from": NOW, "seal_until": NOW + timedelta(days=7), "open_until": NOW + timedelta(days=28)}
    return Principal(
        id=sector.lower(),
        name=sector,
        roles=(PrincipalRole.HOLDER,),
        sector=sector,
        acts_for=sector.lower(),
        state=state,
        signing_keys=(SigningKey(key_id="0" * 32, public_key=bytes(32), possession=bytes(64)),),
        kem_keys=(KemKey(public_key=bytes(1216), signature=bytes(64), **week),),
    )


AGREEMENT_CHANGES = {
    "valid_until": st.just(NOW),
    "purposes": st.just(()),
    "modes": st.just((Mode.EXISTENCE,)),
    "data_classes": st.lists(st.sampled_from(DataClass), max_size=8).map(tuple),
}


@st.composite
def sharing(draw, sector):
    facts = {
        "id": f"DSA-{sector}",
        "version": 1,
        "holder": sector.lower(),
        "requester": "hub",
        "valid_from": NOW - timedelta(days=1),
        "valid_until": NOW + timedelta(days=1),
        "purposes": tuple(Purpose),
        "data_classes": tuple(DataClass),
        "modes": tuple(Mode),
        "review": reviews(RED=draw(st.sampled_from(ReviewPolicy)), GREEN=ReviewPolicy.NONE),
    }
    for name in draw(st.lists(st.sampled_from(["data_classes", *sorted(AGREEMENT_CHANGES)]), max_size=1)):
        facts[name] = draw(AGREEMENT_CHANGES[name])
    return SharingAgreement(**facts)


@st.composite
def contexts(draw):
    side = draw(st.sampled_from(Side))
    sectors = draw(st.lists(st.sampled_from(SECTORS), unique=True, min_size=1, max_size=3))
    sectors = sectors[:1] if side is Side.HOLDER else sectors
    state = st.sampled_from([PrincipalState.LIVE] * 8 + list(PrincipalState))
    directory = Directory(
        partnership="northants",
        version=1,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=7),
        previous_digest=None,
        register_digest=bytes(32),
        profile_digest=bytes(32),
        protocol_digest=bytes(32),
        law_digest=bytes(32),
        suites=(SuiteWindow(name="MASH1", accepted_from=NOW, accepted_until=None),),
        principals=tuple(principal(sector, draw(state)) for sector in sectors),
        agreements=tuple(draw(sharing(sector)) for sector in sectors),
    )
    at_holder = side is Side.HOLDER
    everything = frozenset(DataClass)
    return GateContext(
        side=side,
        requester="hub",
        holders=tuple(HolderAsked(organisation=sector.lower(), sector=sector) for sector in sectors),
        directory=directory,
        directory_stale=draw(st.sampled_from([False] * 9 + [True])),
        register=REGISTER,
        agreement=(f"DSA-{sectors[0]}", 1) if at_holder else None,
        apd_ref=draw(st.sampled_from(["APD-1", None])) if at_holder else None,
        applicable=draw(st.frozensets(st.sampled_from(DataClass)).map(lambda gone: everything - gone)),
    )


def decide(form, context, judged_by=None):
    refs = {one["ref"] for one in form["people"]}  # the record refuses agreement of somebody who is not asked about
    form = {**form, "agreements": [one for one in form["agreements"] if one["person"] in refs]}
    return gate(RatedForm.model_validate(form), context=context, tables=TABLES, now=NOW, judged_by=judged_by)


def allowed(outcome):
    """Return what may be said and about whom; nothing unless there is an authority."""
    if isinstance(outcome, Authority):
        return outcome.data_classes, outcome.people, {each.holder for each in outcome.agreements}
    return frozenset(), frozenset(), set()


def is_within(narrow, wide):
    return all(less <= more for less, more in zip(allowed(narrow), allowed(wide), strict=True))


@some
@given(forms(), contexts())
def test_only_what_was_asked_is_ever_permitted(form, context):
    """Also never a class or person the request does not name, and never an unbuilt or forbidden class (D7, D8)."""
    classes, people, holders = allowed(decide(form, context))
    assert classes <= set(form["data_classes"])
    assert classes <= context.applicable
    assert people <= {each["ref"] for each in form["people"]}
    assert holders <= {each.organisation for each in context.holders}
    assert not classes & {DataClass.REFERRER, DataClass.INTELLIGENCE}


@some
@given(forms(), contexts())
def test_every_outcome_says_why(form, context):
    """Ref 2.8 step 4: nothing is dropped silently, and a permitted class has one basis at most in each organisation."""
    outcome = decide(form, context)
    decision = outcome.decision
    assert decision.rows
    match outcome:
        case Authority():
            asked = [each.holder for each in outcome.agreements]
            told = [(each.data_class, one) for each in decision.basis for one in each.organisations or asked]
            assert len(set(told)) == len(told)
            assert {each.data_class for each in decision.basis} == outcome.data_classes
            assert {each.row for each in decision.basis} <= set(decision.rows)
            gone = set(form["data_classes"]) - outcome.data_classes - {each.data_class for each in decision.dropped}
            in_confidence = {Sector.HEALTH} & {each.sector for each in context.holders}
            assert not gone & context.applicable - ({DataClass.CONFIDENTIAL_HEALTH} if not in_confidence else set())
            whole = {each["ref"] for each in form["people"]} == outcome.people
            narrowed = decision.dropped or decision.reasons or not whole
            assert decision.outcome is (GateOutcome.PARTIAL if narrowed else GateOutcome.PERMIT)
            assert whole or "PERSON_LEFT_OUT" in decision.reasons
        case Refusal():
            assert decision.outcome is GateOutcome.DENY
        case NeedsPerson():
            assert decision.outcome is GateOutcome.REFER
    assert isinstance(outcome, Authority) or (decision.reasons and not decision.basis)


@some
@given(forms(), contexts(), st.randoms(use_true_random=False))
def test_order_and_repetition_never_decide(form, context, random):
    """The same facts in another order are the same decision, word for word."""
    first = decide(form, context)
    repeated = form["data_classes"] * 2
    shuffled = {**form, "data_classes": repeated if len(repeated) <= 8 else form["data_classes"]}
    for name in ("data_classes", "people", "agreements"):
        shuffled[name] = random.sample(shuffled[name], len(shuffled[name]))
    turned_lists = {name: getattr(context.directory, name)[::-1] for name in ("agreements", "principals")}
    directory = context.directory.model_copy(update=turned_lists)
    turned = replace(context, directory=directory, holders=tuple(reversed(context.holders)))
    assert decide(shuffled, turned) == first


@some
@given(forms(), contexts())
def test_judgement_turns_a_referral_into_a_pass_and_nothing_else(form, context):
    """Ref 2.8 steps 5 and 6: a holder's practitioner answers REFERRED; every other outcome is as it was."""
    if context.side is Side.HUB:
        return
    before, after = decide(form, context), decide(form, context, judged_by="police-pr-01")
    if isinstance(before, NeedsPerson) and before.reason is DeskReason.REFERRED:
        assert not isinstance(after, NeedsPerson)
        if isinstance(after, Authority):
            assert "JUDGED_BY_PRACTITIONER" in after.decision.obligations
    else:
        assert after == before


def person_without(field):
    return lambda form: {"people": [{**each, field: None} for each in form["people"]]}


WITHOUT = {
    "no reason": lambda form: {"no_consent_reason": None},
    "no threshold": lambda form: {"threshold_statement": " "},
    "no family reason": lambda form: {"family_informed": {"status": Informed.NO, "note": "away"}},
    "no need": person_without("why_needed"),
    "no relation": person_without("relation_to_child"),
    "no views": lambda form: {"child_views": None},
    "fewer classes": lambda form: {"data_classes": form["data_classes"][:1]},
}


@some
@given(forms(), contexts(), st.sampled_from(sorted(WITHOUT)))
def test_less_evidence_never_allows_more(form, context, what):
    """Removing what a request shows can only narrow it."""
    assert is_within(decide({**form, **WITHOUT[what](form)}, context), decide(form, context))


@some
@given(forms(), contexts())
def test_less_standing_never_allows_more(form, context):
    """Without a policy document, a person in the register, a class in the agreement: never wider."""
    wide = decide(form, context)
    agreements = tuple(
        each.model_copy(update={"data_classes": each.data_classes[1:]}) for each in context.directory.agreements
    )
    narrower = {
        "apd_ref": None,
        "directory": context.directory.model_copy(update={"agreements": agreements}),
        "register": context.register.model_copy(update={"people": context.register.people[1:]}),
        "applicable": frozenset(sorted(context.applicable)[1:]),
        "directory_stale": True,
    }
    for name, value in narrower.items():
        assert is_within(decide(form, replace(context, **{name: value})), wide)


@some
@given(forms(), contexts())
def test_decision_holds_no_text_of_the_request(form, context):
    """A decision travels and is audited: it is made of table words only, apart from the name of the policy document."""
    decision = decide(form, context).decision
    said = decision.model_dump_json()
    for text in ("invented", "Invented", "Jo", "lives there", "mm-01", "C-000123", "OV-17"):
        assert text not in said
