"""Reading a record by its table: what is listed and nothing else, and every complaint without a value."""

from datetime import date

import pytest

from agents.sdk.agent import SectorAgent
from agents.sdk.mapping.reader import RecordReader, step
from agents.sdk.mapping.release_table import load_release
from agents.sdk.mapping.results import RecordFound, RecordRead, Rejected
from agents.sdk.mapping.values import Fields
from broker.errors import InvariantError, UsageError
from broker.holder.source import NameHeld
from schemas.vocabulary import DataClass, IdentifierScheme, Precision, Sector, Sex

TABLE = """
["thing"]
"/given" = { index = "GIVEN_NAMES" }
"/family" = { index = "FAMILY_NAME" }
"/aliases/*/given/*" = { index = "GIVEN_NAMES" }
"/aliases/*/family" = { index = "FAMILY_NAME" }
"/born" = { index = "DATE_OF_BIRTH" }
"/sex" = { index = "SEX" }
"/postcode" = { index = "POSTCODE" }
"/upn" = { index = "UPN" }
"/secret" = { index = "RESTRICTED" }

["thing"."/note"]
releases = "NOTE"
class = "ORDINARY"
class_by_content = [{ words = ["probation"], class = "CRIMINAL" }]
kind = "FACT_RECORDED"
reads = "TEXT"

["thing"."/risk"]
releases = "RISK"
class = "SPECIAL"
kind = "PROFESSIONAL_OPINION"
flagged = true
reads = "YES_NO"

["thing"."/when"]
releases = "EVENT"
class = "ORDINARY"
kind = "FACT_RECORDED"
reads = "DATE"
dated_by = ""

["thing"."/visits/*"]
releases = "VISIT"
class = "ORDINARY"
kind = "FACT_RECORDED"
reads = { date = "DATE", by = "TEXT", hours = "NUMBER" }
dated_by = "date"

["thing"."/people/*/risk/*"]
releases = "OTHERS_RISK"
class = "CRIMINAL"
kind = "REPORTED_BY_OTHER"
third_party = true
reads = "TEXT"
context = { name = "TEXT" }
concerns = "name"
"""

NARRATIVES = {
    "/note": lambda fields: fields.text(),
    "/risk": lambda fields: "at risk" if fields.yes_no() else None,
    "/when": lambda fields: f"it happened: {fields.day()}",
    "/visits/*": lambda fields: f"{fields.text('by')} {fields.day('date')} {fields.number('hours')}",
    "/people/*/risk/*": lambda fields: f"{fields.text('name')}: {fields.text()}",
}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.toml"
    path.write_text(TABLE)
    return load_release(path)


@pytest.fixture
def read(table):
    """Read a payload of the invented record type; return the outcome and the flags as (place, word)."""
    reader = RecordReader("thing", table.records["thing"], NARRATIVES)

    def read_payload(payload, person_id="9990000018", verified=False):
        flagged = []
        found = RecordFound(
            at="/records/3",
            pattern="/records/*/payload",
            record_type="thing",
            custodian="OWNER",
            system="SYSTEM",
            reference="R1",
            person_id=person_id,
            payload=payload,
            payload_at="/records/3/payload",
        )
        outcome = reader.read(found, bound=(), verified_identifiers=verified, flagged=flagged, today=date(2026, 11, 20))
        return outcome, [(one.at.removeprefix("/records/3"), one.reason) for one in flagged]

    return read_payload


def test_a_listed_field_becomes_an_item_with_the_tables_class_kind_and_flags(read):
    record, flagged = read({"risk": True, "note": "seen"})
    risk, note = record.items
    assert (risk.type, risk.data_class, risk.flagged, risk.text) == ("RISK", DataClass.SPECIAL, True, "at risk")
    assert (note.source, note.source_ref, note.field) == ("SYSTEM", "R1", "thing#/note")
    assert flagged == []


def test_a_field_that_is_not_listed_is_counted_and_not_read(read):
    record, _ = read({"note": "seen", "shoes": "red", "visits": [{"by": "Kim", "mood": "low"}, {"mood": "high"}]})
    assert dict(record.ignored) == {"/records/*/payload/shoes": 1, "/records/*/payload/visits/*/mood": 2}
    assert [item.text for item in record.items] == ["seen", "Kim None None"]


def test_fields_that_hold_nothing_are_not_counted(read):
    record, flagged = read({"shoes": None, "hat": "", "coat": [], "glove": {}, "note": "  "})
    assert (record.ignored, record.items, flagged) == ((), (), [])


def test_a_mapping_cannot_see_what_its_row_does_not_read():
    with pytest.raises(InvariantError):
        Fields(values={"by": "Kim"}).text("mood")


@pytest.mark.parametrize("value", ["None", " none ", "string", "N/A", -2147483648])
def test_a_placeholder_is_nothing_held_and_is_flagged(read, value):
    record, flagged = read({"note": value, "visits": [{"by": value}]})
    assert record.items == ()
    assert flagged == [("/payload/note", "PLACEHOLDER"), ("/payload/visits/0/by", "PLACEHOLDER")]


def test_a_risk_that_is_not_there_is_no_item(read):
    record, flagged = read({"risk": False})
    assert (record.items, flagged) == ((), [])


@pytest.mark.parametrize(
    ("payload", "at"),
    [
        ({"risk": "perhaps"}, "/payload/risk"),
        ({"risk": 1}, "/payload/risk"),
        ({"note": {"text": "seen"}}, "/payload/note"),
        ({"note": ["seen"]}, "/payload/note"),
        ({"note": True}, "/payload/note"),
        ({"visits": "on Monday"}, "/payload/visits"),
        ({"visits": ["on Monday"]}, "/payload/visits/0"),
        ({"visits": {"by": "Kim"}}, None),
        ({"people": "Kim"}, "/payload/people"),
    ],
)
def test_another_shape_is_never_read(read, payload, at):
    record, flagged = read(payload)
    assert record.items == ()
    if at is None:
        assert dict(record.ignored) == {"/records/*/payload/visits/by": 1}
    else:
        assert (at, "WRONG_SHAPE") in flagged


def test_a_date_dates_its_item_to_the_day(read):
    record, _ = read({"when": "2024-10-30", "visits": [{"date": "2024-10-31T09:00:00Z", "by": "Kim", "hours": 2}]})
    assert [(item.date, item.precision) for item in record.items] == [
        (date(2024, 10, 30), Precision.DAY),
        (date(2024, 10, 31), Precision.DAY),
    ]
    assert record.items[1].text == "Kim 2024-10-31 2"


@pytest.mark.parametrize("value", ["last summer", "2023-02-29", "30/10/2024", "20241030", 20241030])
def test_a_date_that_is_no_date_leaves_the_item_and_is_flagged(read, value):
    record, flagged = read({"when": value})
    assert [(item.text, item.date, item.precision) for item in record.items] == [("it happened: None", None, None)]
    assert flagged == [("/payload/when", "NOT_A_DATE")]


def test_the_stricter_class_wins_when_the_value_says_so(read):
    record, _ = read({"note": "known to PROBATION"})
    assert record.items[0].data_class is DataClass.CRIMINAL


def test_an_item_about_somebody_else_names_them(read):
    record, _ = read({"people": [{"name": "Sam Sample", "risk": ["violent", "drink"]}]})
    assert [item.text for item in record.items] == ["Sam Sample: violent", "Sam Sample: drink"]
    assert record.items[0].concerns == NameHeld(given_names=("Sam",), family_name="Sample")


def test_an_item_about_somebody_unnamed_is_about_nobody_who_can_be_asked_for(read):
    record, _ = read({"people": [{"name": None, "risk": ["violent"]}]})
    assert record.items[0].concerns == NameHeld(given_names=(), family_name=None)


def test_text_is_made_fit_for_the_wire(read):
    record, _ = read({"note": "a\x00b\u0085c\r\nd\te\ud800f"})
    assert record.items[0].text == "a b c\nd\te f"


def test_a_very_long_text_is_shortened_and_says_so(read):
    record, flagged = read({"note": "x" * 30_000})
    assert len(record.items[0].text) < 20_000
    assert record.items[0].text.endswith("[shortened]")
    assert flagged == [("/payload/note", "SHORTENED")]


def test_who_a_record_is_about_comes_from_its_index_fields(read):
    record, flagged = read(
        {
            "given": "Robin Alex",
            "family": "Testerton",
            "aliases": [{"given": ["Rob", "A"], "family": "Sample"}],
            "born": "2014-03-04",
            "sex": "Female",
            "postcode": "ze1 0aa",
            "upn": "A950000178301",
            "secret": True,
        },
        verified=True,
    )
    subject = record.subject
    assert subject.names == (
        NameHeld(given_names=("Robin", "Alex"), family_name="Testerton"),
        NameHeld(given_names=("Rob", "A"), family_name="Sample"),
    )
    assert (subject.dates_of_birth, subject.sexes, subject.postcodes) == (
        (date(2014, 3, 4),),
        (Sex.FEMALE,),
        ("ZE10AA",),
    )
    assert [(held.scheme, held.value, held.verified) for held in subject.identifiers] == [
        (IdentifierScheme.UPN, "A950000178301", True),
        (IdentifierScheme.NHS, "9990000018", True),
    ]
    assert subject.restricted
    assert (record.items, flagged) == ((), [])


@pytest.mark.parametrize(
    ("payload", "flag"),
    [
        ({"born": "1900-01-01"}, ("/payload/born", "PLACEHOLDER")),
        ({"born": "9999-12-31"}, ("/payload/born", "PLACEHOLDER")),
        ({"born": "Tuesday"}, ("/payload/born", "NOT_A_DATE")),
        ({"sex": "yes please"}, ("/payload/sex", "UNKNOWN_WORD")),
        ({"upn": "A123456789123"}, ("/payload/upn", "INVALID_CHECK")),
        ({"upn": "UN1"}, ("/payload/upn", "PLACEHOLDER")),
        ({"given": "x" * 301}, ("/payload/given", "TOO_LONG")),
    ],
)
def test_what_cannot_tell_who_it_is_is_flagged_and_left_out(read, payload, flag):
    record, flagged = read(payload)
    assert flagged == [flag]
    assert record.subject.names == record.subject.dates_of_birth == record.subject.sexes == ()
    assert [held.scheme for held in record.subject.identifiers] == [IdentifierScheme.NHS]


@pytest.mark.parametrize(
    ("person_id", "reason"),
    [
        ("9991234566", "INVALID_CHECK"),
        ("999123456", "WRONG_LENGTH"),
        ("q86LnOncgsSRMleFEa6fAQ", "OPAQUE_PERSON_ID"),
    ],
)
def test_a_key_that_is_no_identifier_keeps_the_person_and_is_never_one(read, person_id, reason):
    record, flagged = read({"note": "seen"}, person_id=person_id)
    assert flagged == [("/personId", reason)]
    assert record.subject.identifiers == ()
    assert record.subject.custodian_key is not None


def test_a_placeholder_key_is_on_many_peoples_records_and_holds_none_together(read):
    record, flagged = read({"given": "Robin"}, person_id="1111111111")
    assert flagged == [("/personId", "PLACEHOLDER")]
    assert record.subject.custodian_key is None
    assert isinstance(read({"note": "seen"}, person_id="1111111111")[0], Rejected)


@pytest.mark.parametrize("payload", [{"note": "seen"}, {}, {"born": "2014-03-04"}, {"upn": "UN1"}])
def test_a_record_that_names_nobody_is_rejected(read, payload):
    outcome, _ = read(payload, person_id=None)
    assert outcome == Rejected(at="/records/3", reason="NO_SUBJECT")
    assert isinstance(read({"given": "Robin"}, person_id=None)[0], RecordRead)


def test_a_key_that_is_no_field_name_is_not_shown():
    assert step("shoes") == "/shoes"
    assert step("Robin Testerton") == step("9990000018") == step("") == step("a/b") == step("JaneDoe") == "/*"


def test_an_agent_whose_table_and_mappings_do_not_fit_does_not_load(tmp_path):
    (tmp_path / "release.toml").write_text(TABLE)
    for narratives in ({"thing": {}}, {"thing": NARRATIVES | {"/shoes": NARRATIVES["/note"]}}):
        with pytest.raises(UsageError, match="do not fit"):
            SectorAgent(tmp_path, sector=Sector.POLICE, schemes=(), formats=(), narratives=narratives)
