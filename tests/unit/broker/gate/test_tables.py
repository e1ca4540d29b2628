"""Loading the tables: a gap, an overlap or an unknown word never becomes a decision."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from broker.errors import UsageError
from broker.gate.rows import ProtocolWhen
from broker.gate.words import Duty
from tests.packaged_tables import LAW, PROTOCOL, changed, northamptonshire


def test_packaged_tables_load_and_name_themselves() -> None:
    """The tables that ship are proved, and their hash covers both files and where one ends."""
    tables = northamptonshire()
    parts = (len(LAW).to_bytes(4, "big"), LAW, len(PROTOCOL).to_bytes(4, "big"), PROTOCOL)
    assert tables.hash == hashlib.sha256(b"".join(parts)).digest()
    assert tables.version == "england-2026-11.3/northamptonshire-2026-11.3"
    assert northamptonshire(law=LAW, protocol=PROTOCOL) == tables
    assert northamptonshire(protocol=PROTOCOL + b"# reviewed\n").hash != tables.hash


def test_duty_is_a_dated_switch() -> None:
    """Ref 2.2: governance staff move one date."""
    later = northamptonshire(protocol=changed(PROTOCOL, "2026-09-30T00:00:00+01:00", "2027-04-01T00:00:00+01:00"))
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert (northamptonshire().duty(now), later.duty(now)) == (Duty.ON, Duty.OFF)


def test_the_whole_local_domain_is_tried() -> None:
    """13 purposes, 4 bands, 4 states of agreement, 2 of override, duty on or off."""
    assert len(list(ProtocolWhen.domain())) == 13 * 4 * 4 * 2 * 2


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(
            '"S47_ENQUIRY"], rag = ["GREEN", "BLUE"]',
            '"S47_ENQUIRY"], rag = ["GREEN"]',
            "protocol.toml: protocol: no row matches purpose=IMMEDIATE_PROTECTION rag=BLUE "
            "agreement=OBTAINED override=NONE duty=ON",
            id="gap",
        ),
        pytest.param(
            '"S47_ENQUIRY"], rag = ["GREEN", "BLUE"]',
            '"S47_ENQUIRY"], rag = ["RED", "GREEN", "BLUE"]',
            "protocol.toml: protocol: rows L_RED_PROTECTION and L_PROTECTION_LOW both match "
            "purpose=IMMEDIATE_PROTECTION rag=RED agreement=OBTAINED override=NONE duty=ON",
            id="overlap",
        ),
        pytest.param(
            'when = { rag = ["BLUE"] }',
            'when = { rag = ["GREEN"] }',
            "protocol.toml: rag: rows RAG_GREEN and RAG_BLUE both match rag=GREEN",
            id="overlap of priorities",
        ),
        pytest.param('"L_NOT_BUILT"', '"RAG_RED"', "protocol.toml: RAG_RED: this id stands twice", id="id"),
        pytest.param('"L_NOT_BUILT"', '"P2"', "protocol.toml: P2: this id stands twice", id="id of the other file"),
        pytest.param('"RAG_NOT_ALLOWED"', '"RAG_NOT_ALOWED"', "L_PROTECTION_AMBER", id="misspelt reason"),
        pytest.param('"LOOK_BACK_FULL"', '"LOOKBACK_FULL"', "(LOOKBACK_FULL)", id="misspelt obligation"),
        pytest.param('"MASH_SCREENING",', '"MASH_SCREENIN",', "(MASH_SCREENIN)", id="misspelt purpose"),
        pytest.param("{ rag = [", "{ rga = [", "RAG_RED when rga: Extra inputs", id="misspelt fact"),
        pytest.param('verdict = "PASS"', 'verdict = "PERMIT"', "(PERMIT)", id="unknown verdict"),
        pytest.param('reasons = ["NOT_IMPLEMENTED_ROW"]', "", "L_NOT_BUILT", id="denial without a reason"),
        pytest.param('verdict = "PASS"', 'verdict = "PASS"\nreasons = ["NO_APD"]', "L_RED_PROTECTION", id="odd pass"),
        pytest.param('cites = ["T2", "ref 2.8 step 7"]', "", "RAG_AMBER cites", id="row without a source"),
        pytest.param('cites = ["T2", "ref 2.8 step 7"]', "cites = []", "RAG_AMBER cites", id="no source named"),
        pytest.param('when = { rag = ["AMBER"] }', "when = { rag = [] }", "RAG_AMBER when rag", id="empty condition"),
        pytest.param("look_back_days = 730", "look_back_days = -1", "RAG_AMBER", id="negative look-back"),
        pytest.param("look_back_days = 730", "look_back_days = true", "RAG_AMBER", id="look-back is no number"),
        pytest.param('{ type = "ENROLMENT"', '{ tipe = "ENROLMENT"', "RAG_GREEN only", id="misspelt reach"),
        pytest.param('when.override = ["NONE"]\nwhen.duty = ["ON"]', 'when.duty = ["ON"]',
                     "rows L_SCREENING_OVERRIDDEN and L_SCREENING_DUTY both match", id="override that is referred too"),
        pytest.param("T00:00:00+01:00", "T00:00:00", "duty_16la_from", id="moment without offset"),
        pytest.param('version = "northamptonshire', 'version = "north amptonshire', "version", id="spaced version"),
        pytest.param("[[rag]]", "[rag", "protocol.toml: not TOML", id="not TOML"),
    ],
)  # fmt: skip
def test_faulty_local_table_is_not_loaded(old: str, new: str, says: str) -> None:
    """The one line that governance staff see names file, row and reason."""
    with pytest.raises(UsageError) as caught:
        northamptonshire(protocol=changed(PROTOCOL, old, new))
    assert str(caught.value).startswith("protocol.toml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(', regime = ["PART_3"]', "", "overlay: rows D3 and D3P both match", id="overlap of overlays"),
        pytest.param('["CRIMINAL"], regime = ["PART_3"]', '["CRIMINAL"], regime = ["UK_GDPR"]',
                     "overlay: rows D3 and D3P both match data_class=CRIMINAL regime=UK_GDPR", id="wrong regime"),
        pytest.param('when = { duty = ["OFF"], body = ["PUBLIC"] }', 'when = { duty = ["ON"], body = ["PUBLIC"] }',
                     "P1 basis: rows P1_DUTY and P1_POWER both match duty=ON body=PUBLIC", id="basis twice"),
        pytest.param('when = { duty = ["OFF"], body = ["PUBLIC"] }', 'when = { duty = ["OFF"] }',
                     "P1 basis: rows P1_POWER and P1_PRIVATE both match duty=OFF body=PRIVATE", id="basis overlap"),
        pytest.param('sector = ["IDVA", "VOLUNTARY"] }', 'sector = ["IDVA", "VOLUNTARY"], duty = ["ON"] }',
                     "sector: no row matches sector=IDVA duty=OFF", id="gap of sectors"),
        pytest.param('"ALLEGED_PERPETRATOR", "OTHER"]', '"ALLEGED_PERPETRATOR"]',
                     "person: no row matches role=OTHER", id="gap of people"),
        pytest.param('when = { purpose = ["MASH_SCREENING"] }', 'when = { purpose = ["S17_ASSESSMENT"] }',
                     "base: no row matches purpose=MASH_SCREENING", id="gap of purposes"),
        pytest.param('"NO_CONSENT_REASON", missing', '"NO_CONSENT_RAISON", missing',
                     "D2 condition D2_P18 limbs", id="misspelt evidence"),
        pytest.param('    { evidence = "NO_CONSENT_REASON", missing = "NO_CONSENT_REASON" },\n', "",
                     "D2_P18: Value error, S1_P18 needs", id="para 18 without its reason"),
        pytest.param('    { evidence = "APD_REF", missing = "NO_APD" },', "",
                     "D2_P18: Value error, S1_P18 needs", id="para 18 without a policy document"),
        pytest.param('schedule_1 = ["S1_P18"]\n', "", "needs a condition of Schedule 1", id="article 9 alone"),
        pytest.param('s36_4_authority = "CA04_S16LA"\n', "", "POLICE_DUTY: Value error, a PART_3 row",
                     id="Part 3 without authority"),
        pytest.param('article_6 = "6_1_C_LEGAL_OBLIGATION"', 'article_6 = "6_1_B_CONTRACT"',
                     "P1 basis P1_DUTY article_6", id="a basis that is never used here"),
        pytest.param('gateways = ["CA04_S16LA", "CA89_S46", "CA89_S47"]', "gateways = []",
                     "P1_DUTY gateways", id="no gateway"),
        pytest.param('cites = ["ref 2.7 P6"]\nstate = "NOT_BUILT"', 'cites = ["ref 2.7 P6"]\nstate = "BUILT"',
                     "P6 basis: no row matches duty=ON body=PUBLIC judged=NO", id="built without a basis"),
        pytest.param('cites = ["ref 2.7 P1", "C2", "C3"]\nstate = "BUILT"',
                     'cites = ["ref 2.7 P1", "C2", "C3"]\nstate = "NOT_BUILT"',
                     "P1: a row that is not built", id="basis of an unbuilt row"),
        pytest.param('cites = ["ref 2.7 P6"]\nstate = "NOT_BUILT"', 'cites = ["ref 2.7 P6"]\nstate = "NEVER"',
                     "P6 state", id="a purpose cannot be never"),
        pytest.param('cites = ["ref 2.7 D7"]\nstate = "NOT_BUILT"',
                     'cites = ["ref 2.7 D7"]\nstate = "BUILT"', "D7: a row that is built needs a condition",
                     id="overlay without condition"),
        pytest.param('cites = ["ref 2.7 D6"]\nstate = "BUILT"', 'cites = ["ref 2.7 D6"]\nstate = "NEVER"',
                     "D6: a row that is not built", id="never with a condition"),
        pytest.param('limbs = [{ evidence = "CONFIDENTIALITY_LIMB", missing = "NO_CONFIDENTIALITY_LIMB" }]', "",
                     "D4_P2: CONFIDENTIAL_HEALTH needs the limb", id="confidence without its limb"),
        pytest.param('confidentiality = "LEGAL_DUTY"', 'confidentiality = "PUBLIC_INTEREST"',
                     "P1 basis P1_DUTY: Value error, a base row's", id="a limb that wants evidence"),
        pytest.param('gateways = ["CA89_S17"]', 'gateways = ["CA89_S17"]\nconfidentiality = "LEGAL_DUTY"',
                     "P4_PRIVATE: Value error, a confidentiality limb needs", id="a duty that is none"),
        pytest.param('judged = ["YES"] }', 'judged = ["NO"] }', "P4_AGREED and P4_JUDGED both match",
                     id="judged twice"),
        pytest.param('held_by = ["HEALTH", "SUBSTANCE_MISUSE"]', "held_by = []", "D4 held_by", id="held by nobody"),
        pytest.param('id = "D6_STRIPPED"', 'id = "D6_STRIPPED"\nwhen = { sector = ["HEALTH"] }',
                     "D6_STRIPPED: the last condition", id="condition for some holders only"),
        pytest.param('overlay = "D5"', 'overlay = "D99"', "SIBLING: unknown overlay row D99", id="unknown overlay"),
        pytest.param('overlay = "D5"\nevidence = ["REL', 'evidence = ["REL', "ADULT: evidence is wanted by an overlay",
                     id="person without a row"),
        pytest.param("version =", "hidden = 1\nversion =", "law.toml: hidden: Extra inputs", id="unknown key"),
    ],
)  # fmt: skip
def test_faulty_law_table_is_not_loaded(old: str, new: str, says: str) -> None:
    """Ref 2.7: a limb cannot be lost by a slip of the pen."""
    with pytest.raises(UsageError) as caught:
        northamptonshire(law=changed(LAW, old, new))
    assert str(caught.value).startswith("law.toml")
    assert says in str(caught.value)


def test_versions_fit_into_a_decision() -> None:
    """A version that no decision could name would stop the gate at its first request."""
    with pytest.raises(UsageError, match="longer than 63"):
        northamptonshire(protocol=changed(PROTOCOL, 'version = "northamptonshire', f'version = "n{"o" * 40}'))


def test_empty_tables_are_not_loaded() -> None:
    """An empty policy refuses to be one."""
    for law, protocol in ((b"", PROTOCOL), (LAW, b""), (LAW, b"\xff")):
        with pytest.raises(UsageError):
            northamptonshire(law=law, protocol=protocol)
