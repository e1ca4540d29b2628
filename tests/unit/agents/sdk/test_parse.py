"""Parsing: strict, at a bounded cost, in every Unicode encoding that says which it is."""

import contextlib
import json
import time
import tracemalloc
from decimal import Decimal

import pytest

from agents.sdk import parse as parsing
from agents.sdk.mapping.values import PartialDay, last_day
from agents.sdk.parse import number, parse
from broker.errors import RejectedError


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
)
def test_every_unicode_encoding_with_a_mark_is_read(read, patient, encoding):
    text = json.dumps(patient(given="Zoë"), ensure_ascii=False)
    mark = "\ufeff" if encoding.endswith(("le", "be")) else ""
    (held,) = read((mark + text).encode(encoding)).records
    assert held.subject.names[0].given_names == ("Zoë",)


@pytest.mark.parametrize(
    "data",
    [
        '{"a": "Zoë"}'.encode("latin-1"),
        '{"a": 1}'.encode("utf-16-le"),
        b"\xff\xfe{\x00\x00",
        b"\xff\xfe\x00\x00{\x00\x00\x11",
        b"\xef\xbb\xbf\xff",
    ],
)
def test_what_is_of_no_unicode_encoding_is_no_json(data):
    with pytest.raises(RejectedError, match="NOT_JSON"):
        parse(data)


@pytest.mark.parametrize(
    "word",
    [
        "1e9999999",
        "1e400000",
        "-1E309",
        "1e-400000",
        "1" * 41,
        "0." + "1" * 41,
        "1" * 5000,
        "1e" + "9" * 50,
        "9" * 41 + ".5",
    ],
)
@pytest.mark.parametrize(("sector", "document"), [("probation", '{"supervisions": [{"active": true, "number": %s}]}')])
def test_a_number_that_nobody_can_mean_is_flagged_at_once(read, word, sector, document):
    started = time.process_time()
    found = read((document % word).encode(), sector, crn="X990001")
    assert time.process_time() - started < 1
    assert [(one.at, one.reason) for one in found.flagged] == [("/supervisions/0/number", "OUT_OF_RANGE")]
    assert len(found.records) == 1


@pytest.mark.parametrize(
    ("category", "told"), [("1e300", "Category: not readable"), ("3.5", "Category: 3.5"), ("3", "other")]
)
def test_a_number_within_a_doubles_reach_costs_nothing_either(read, category, told):
    started = time.process_time()
    document = json.dumps({"data": {"level": 1, "category": 99}}).replace("99", category)
    (record,) = read(document.encode(), "probation", crn="X990001").records
    assert time.process_time() - started < 1
    assert told in record.items[0].text


def test_a_huge_attendance_is_flagged_and_not_told(read, police_file):
    years = [{"academicTermYearEnd": 2026, "suspensions": 7.25e300}]
    envelope = {"recordId": "R", "personId": "9990000018", "recordType": "education.details"}
    text = json.dumps(police_file({**envelope, "payload": {"yearlyEducationAttendances": years}}, orgType="EDUCATION"))
    found = read(text.replace("7.25e+300", "1e99999").encode(), "education")
    assert [one.reason for one in found.flagged] == ["OUT_OF_RANGE"]


def test_numbers_keep_their_value_and_a_generators_least_stays_a_placeholder():
    assert number("1.50") == Decimal("1.5")
    assert parse(b"[-1.7976931348623157E308, 12, 2e2]") == [Decimal("-1.7976931348623157E308"), 12, Decimal("2E+2")]


@pytest.mark.parametrize("text", ["\\ud800", "x\\udfffy", "a\\u0000b"])
def test_text_that_nothing_can_hold_is_flagged_by_its_place(read, police_file, crime, text):
    data = json.dumps(police_file(crime({"policeMarkerDetails": "MARK"}), crime(reference="R2"))).replace("MARK", text)
    found = read(data.encode(), "police")
    assert [(one.at, one.reason) for one in found.flagged][:1] == [
        ("/records/0/payload/policeMarkerDetails", "UNREADABLE_TEXT")
    ]
    assert len(found.records) == 2


@pytest.mark.parametrize("field", ["recordId", "personId", "systemId", "recordType"])
def test_an_id_that_nothing_can_hold_ends_no_import(read, police_file, crime, field):
    record = crime()
    record[field] = "MARK"
    data = json.dumps(police_file(record, crime(reference="R2"))).replace("MARK", "\\ud800")
    assert "R2" in {one.key[2] for one in read(data.encode(), "police").records}


def test_a_key_that_nothing_can_hold_takes_its_value_with_it():
    flagged = []
    assert parse(b'{"a": {"\\ud800": "x", "b": "\\ud83d\\ude00"}}', flagged) == {"a": {"b": "\U0001f600"}}
    assert [(one.at, one.reason) for one in flagged] == [("/a/*", "UNREADABLE_TEXT")]


def test_the_cost_is_bounded_in_values(monkeypatch):
    monkeypatch.setattr(parsing, "MOST_VALUES", 1000)
    parse(b"[" + b",".join([b"1"] * 900) + b"]")
    for data in (b"[" + b",".join([b"{}"] * 900) + b"]", b"[" * 600 + b"]" * 600 + b"," * 600):
        tracemalloc.start()
        with pytest.raises(RejectedError, match="TOO_MANY_VALUES"):
            parse(data)
        assert tracemalloc.get_traced_memory()[1] < 100_000
        tracemalloc.stop()


@pytest.mark.parametrize("depth", [200, 400, 900, 5000, 100_000])
@pytest.mark.parametrize("sector", ["health", "police", "probation", "education"])
def test_nesting_ends_no_import(read, sector, depth):
    inner = "[" * depth + "]" * depth
    documents = {
        "health": '{"resourceType": "Condition", "id": "c", "code": %s, "subject": %s, "meta": {"security": %s}}',
        "police": '{"orgType": "POLICE", "records": [{"payload": {"servicesKnownTo": %s, "x": %s}, "status": %s}]}',
        "probation": '{"supervisions": %s, "x": %s, "status": %s}',
        "education": '{"orgType": "EDUCATION", "records": %s, "x": %s, "y": %s}',
    }
    with contextlib.suppress(RejectedError):
        read((documents[sector] % (inner, inner, inner)).encode(), sector, crn="X990001")


@pytest.mark.parametrize(
    ("day", "last", "short"),
    [
        (PartialDay.of(2024), "2024-12-31", "2024"),
        (PartialDay.of(2024, 2), "2024-02-29", "2024-02"),
        (PartialDay.of(2023, 12), "2023-12-31", "2023-12"),
    ],
)
def test_the_last_day_that_a_partial_date_can_mean(day, last, short):
    assert (str(last_day(day)), day.short) == (last, short)
