"""What a row says otherwise by a code, what it cannot do without, and what it reads of objects within."""

from datetime import date

import pytest

from agents.sdk.mapping.reader import RecordReader
from agents.sdk.mapping.release_table import load_release
from agents.sdk.mapping.results import RecordFound
from broker.errors import UsageError
from schemas.vocabulary import DataClass, ItemKind

ROW = """
["thing"."/mark"]
releases = "MARK"
class = "CRIMINAL"
kind = "PROFESSIONAL_OPINION"
reads = { code = "TEXT", "of/name" = "TEXT", active = "YES_NO", level = "LEVEL" }
context = { day = "DATE" }
"""
INDEX = """
["thing"]
"/crn" = { index = "CRN" }
"/closed" = { index = "LIMITED" }
"""


@pytest.fixture
def read(tmp_path):
    """Read one record by a row with more in it."""

    def read_one(payload, more=""):
        path = tmp_path / "release.toml"
        path.write_text(INDEX + ROW + more)
        table = load_release(path)
        narratives = {"/mark": lambda fields: f"{fields.text('code')} of {fields.text('of/name')}"}
        reader = RecordReader("thing", table.records["thing"], narratives)
        found = RecordFound(
            at="",
            pattern="",
            record_type="thing",
            custodian="c",
            system="s",
            reference="r",
            person_id=None,
            payload={"crn": "X990001"} | payload,
            payload_at="",
        )
        flagged = []
        record = reader.read(found, bound=(), verified_identifiers=False, flagged=flagged, today=date(2026, 11, 20))
        return record, [(one.at, one.reason) for one in flagged]

    return read_one


VARIANTS = """
variants = [
  { where = "code", holds = ["A", "B"], releases = "OTHER", kind = "FACT_RECORDED" },
  { where = "active", holds = ["yes"], flagged = true },
  { where = "active", holds = [""], class = "SPECIAL" },
]
"""


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ({"code": " a", "active": True}, ("OTHER", DataClass.CRIMINAL, ItemKind.FACT_RECORDED, False)),
        ({"code": "AB", "active": True}, ("MARK", DataClass.CRIMINAL, ItemKind.PROFESSIONAL_OPINION, True)),
        ({"code": "AB", "active": False}, ("MARK", DataClass.CRIMINAL, ItemKind.PROFESSIONAL_OPINION, False)),
        ({"code": "AB"}, ("MARK", DataClass.SPECIAL, ItemKind.PROFESSIONAL_OPINION, False)),
    ],
)
def test_the_first_variant_that_fits_is_the_row(read, mark, expected):
    record, _ = read({"mark": mark}, VARIANTS)
    (item,) = record.items
    assert (item.type, item.data_class, item.kind, item.flagged) == expected


def test_a_variants_class_is_one_of_the_tables_classes(tmp_path):
    path = tmp_path / "release.toml"
    path.write_text(ROW + VARIANTS)
    assert load_release(path).data_classes == {DataClass.CRIMINAL, DataClass.SPECIAL}


@pytest.mark.parametrize(
    "more",
    [
        'variants = [{ where = "other", holds = ["A"], releases = "OTHER" }]',
        'variants = [{ holds = ["A"], releases = "OTHER" }]',
        'variants = [{ where = "code", holds = [], releases = "OTHER" }]',
        'variants = [{ where = "code", holds = "A", releases = "OTHER" }]',
        'variants = [{ where = "code", holds = ["A"], class = "OTHER" }]',
        'variants = [{ where = "code", holds = ["A"], location = true }]',
        'variants = "A"',
        'needs = ["other"]',
        'needs = "code"',
        'dated_by = "code"',
    ],
)
def test_a_variant_or_a_need_that_means_nothing_does_not_load(tmp_path, more):
    path = tmp_path / "release.toml"
    path.write_text(ROW + more)
    with pytest.raises(UsageError, match=r"release\.toml"):
        load_release(path)


@pytest.mark.parametrize(
    "payload",
    [
        {"mark": {"code": "A", "level": "LOW"}},
        {"mark": {"code": "A", "level": "LOW"}, "day": "soon"},
        {"mark": {"code": "A", "level": "44"}, "day": "2026-01-02"},
        {"mark": {"code": "A", "level": "NOT_APPLICABLE"}, "day": "2026-01-02"},
    ],
)
def test_what_a_row_needs_and_does_not_hold_is_flagged_and_not_told(read, payload):
    record, flagged = read(payload, 'needs = ["level", "day"]\n')
    assert record.items == ()
    assert ("/mark", "INCOMPLETE") in flagged


def test_a_date_of_the_object_around_dates_the_item(read):
    more = 'needs = ["level", "day"]\ndated_by = "day"\n'
    record, flagged = read({"mark": {"code": "A", "level": "LOW"}, "day": "2026-01-02"}, more)
    assert [item.date.isoformat() for item in record.items] == ["2026-01-02"]
    assert flagged == []


def test_of_an_object_within_only_what_is_named_is_read(read):
    record, flagged = read({"mark": {"code": "A", "of": {"name": "N", "notes": "CANARY"}, "more": 1}})
    assert [item.text for item in record.items] == ["A of N"]
    assert dict(record.ignored) == {"/mark/of/notes": 1, "/mark/more": 1}
    record, flagged = read({"mark": {"code": "A", "of": "CANARY"}})
    assert [item.text for item in record.items] == ["A of None"]
    assert flagged == [("/mark/of", "WRONG_SHAPE")]


@pytest.mark.parametrize("closed", [True, "yes", "unclear", 1, ["somebody"], {"a": 1}])
def test_anything_but_a_no_closes_what_may_be_limited(read, closed):
    record, _ = read({"closed": closed})
    assert record.subject.restricted


@pytest.mark.parametrize("closed", [False, "no", "N", "false", 0, None, "", []])
def test_only_a_no_leaves_it_open(read, closed):
    record, _ = read({"closed": closed})
    assert not record.subject.restricted
