"""Bulk FHIR: a file of one resource a line, read line by line and never held whole."""

import json
import tracemalloc

import pytest

from agents.sdk import lines
from agents.sdk.lines import JsonLines, is_json_lines, text_lines
from broker.errors import RejectedError


def bulk(*resources):
    return "\n".join(json.dumps(one) for one in resources).encode() + b"\n"


def test_a_bulk_export_is_read_by_line(read, patient, clinical):
    held = read(bulk(patient(), clinical(), {"resourceType": "Observation", "id": "o"}))
    assert (held.format, [record.key[2] for record in held.records]) == ("fhir", ["Patient/robin", "Condition/c1"])
    assert held.records[1].subject.custodian_key == held.records[0].subject.custodian_key
    assert (dict(held.passed_over), held.rejected) == ({"Observation": 1}, ())


def test_one_file_a_type_is_held_together_by_its_named_source(read, patient, clinical):
    (person,) = read(bulk(patient(), patient("other"))[:-1], source="trust").records[:1]
    told = read(bulk(clinical(), clinical(ident="c2")), source="trust", known=[person.subject.custodian_key])
    assert [record.subject.custodian_key for record in told.records] == [person.subject.custodian_key] * 2


def test_a_line_that_cannot_be_read_is_rejected_alone_by_its_number(read, patient, clinical):
    data = bulk(patient()) + b"{broken\n\n[1]\n" + bulk(clinical(onsetDateTime="soon")) + b'{"a":1,"a":2}\n'
    held = read(data)
    assert [(one.at, one.reason) for one in held.rejected] == [
        ("line 2", "NOT_JSON"),
        ("line 4", "WRONG_SHAPE"),
        ("line 6", "DUPLICATE_KEYS"),
    ]
    assert [(one.at, one.reason) for one in held.flagged] == [("line 5/onsetDateTime", "NOT_A_DATE")]
    assert len(held.records) == 2


def test_two_patients_of_one_id_are_ambiguous_across_lines(read, patient, clinical):
    held = read(bulk(patient(), clinical(), patient(given="Sam")))
    assert [(one.at, one.reason) for one in held.rejected] == [(f"line {n}", "AMBIGUOUS") for n in (1, 2, 3)]


def test_a_bulk_deletion_withdraws(read, patient, clinical):
    deletion = {"request": {"method": "DELETE", "url": "Condition/c1"}}
    held = read(bulk(patient(), {"resourceType": "Bundle", "type": "transaction", "entry": [deletion]}), source="trust")
    key = read(bulk(patient(), clinical()), source="trust").records[1].key
    assert [one.key for one in held.withdrawn] == [key]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_encoding_with_a_mark_is_read(read, patient, encoding):
    text = "".join(json.dumps(patient(ident, given="Zoë"), ensure_ascii=False) + "\n" for ident in ("a", "b"))
    assert [record.subject.names[0].given_names for record in read(text.encode(encoding)).records] == [("Zoë",)] * 2


@pytest.mark.parametrize(
    ("text", "name", "is_lines"),
    [
        ('{"a": 1}\n{"b": 2}\n', "x.json", True),
        ('{"a": 1}\n\n', "x.json", False),
        ('{"a": 1}\n', "x.ndjson", True),
        ('{\n"a": 1}\n', "x.json", False),
        ('{broken\n{"a": 1}\n', "x.ndjson", True),
        ('[{"a": 1}\n,{"b": 2}]', "x.json", False),
        ("", "x.ndjson", False),
    ],
)
def test_a_file_of_lines_is_told_from_a_document(tmp_path, text, name, is_lines):
    path = tmp_path / name
    path.write_text(text)
    assert is_json_lines(path) is is_lines


def test_a_line_without_end_is_refused_before_it_is_held(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MOST_OF_A_LINE", 100)
    path = tmp_path / "long.ndjson"
    path.write_bytes(b"{}\n" + b"x" * 1_000_000)
    tracemalloc.start()
    with pytest.raises(RejectedError, match="LINE_TOO_LONG"):
        list(text_lines(path))
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


def test_the_memory_of_going_through_lines_is_flat_in_their_number(tmp_path, patient):
    peaks = []
    for number in (200, 2000):
        path = tmp_path / f"{number}.ndjson"
        path.write_bytes(bulk(*(patient(f"p{place}") for place in range(number))))
        list(JsonLines(path))  # what is made once is not counted
        tracemalloc.start()
        assert sum(1 for _ in JsonLines(path)) == number
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


def test_a_document_on_one_line_is_not_parsed_to_be_told_from_lines(tmp_path, monkeypatch):
    """A document on one line is known by there being no other line, however large it is."""

    def parsed(text):
        raise AssertionError("parsed")

    monkeypatch.setattr(lines, "parse_text", parsed)
    path = tmp_path / "x.json"
    path.write_text('{"records": []}\n')
    assert not is_json_lines(path)
