"""What is missing from a file reaches whoever asks: further pages, counts, errors; and what nobody reads is counted."""

from datetime import UTC, datetime

import pytest


def gaps(read):
    return [(one.at, one.reason) for one in read.gaps]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"link": [{"relation": "next", "url": "https://x"}]}, [("/link/0", "NEXT_PAGE")]),
        ({"link": [{"relation": "self"}, {"relation": "next"}]}, [("/link/1", "NEXT_PAGE")]),
        ({"link": [{"relation": "self", "url": "https://x"}]}, []),
        ({"total": 57}, [("/total", "MORE_THAN_HERE")]),
        ({"total": 1}, []),
        ({"total": 57, "link": [{"relation": "next"}]}, [("/link/0", "NEXT_PAGE"), ("/total", "MORE_THAN_HERE")]),
    ],
)
def test_a_page_of_fhir_says_that_there_are_more(read, bundle, patient, more, expected):
    assert gaps(read(bundle(patient(), **more))) == expected


def test_what_a_search_includes_beside_its_matches_is_no_match(read, bundle, patient, clinical):
    document = bundle(clinical(), patient(), total=2)
    document["entry"][0]["search"], document["entry"][1]["search"] = {"mode": "match"}, {"mode": "include"}
    assert gaps(read(document)) == [("/total", "MORE_THAN_HERE")]


@pytest.mark.parametrize(
    ("issue", "word"),
    [
        ({"code": "suppressed", "severity": "information"}, "SUPPRESSED"),
        ({"details": {"coding": [{"code": "ACCESS_DENIED"}]}}, "ACCESS_DENIED"),
        ({"details": {"text": "Zanzibarcanary"}, "code": "Zanzibarcanary"}, "OPERATION_OUTCOME"),
    ],
)
def test_an_outcome_among_the_entries_is_a_gap(read, bundle, patient, issue, word):
    found = read(bundle(patient(), {"resourceType": "OperationOutcome", "issue": [issue]}, total=1))
    assert gaps(found) == [("/entry/1/resource", word)]
    assert (len(found.records), found.rejected) == (1, ())


@pytest.mark.parametrize(("entry", "words"), [({}, ["WRONG_SHAPE"]), ("text", ["WRONG_SHAPE"]), ([7], ["WRONG_SHAPE"])])
def test_a_bundle_without_entries_says_so(read, entry, words):
    found = read({"resourceType": "Bundle", "type": "searchset", "entry": entry})
    assert [one.reason for one in found.rejected] == words


@pytest.mark.parametrize(("more", "flags"), [({}, ["NO_ENTRIES"]), ({"entry": []}, ["NO_ENTRIES"]), ({"total": 0}, [])])
def test_an_empty_bundle_is_flagged_unless_it_counts_to_nothing(read, more, flags):
    assert [one.reason for one in read({"resourceType": "Bundle", "type": "searchset", **more}).flagged] == flags


PAGES = [
    ({"pagination": {"isLastPage": False, "page": 1, "totalPages": 3}}, "/pagination"),
    ({"pagination": {"page": 1, "totalPages": 3}}, "/pagination/totalPages"),
    ({"links": {"next": "https://x"}}, "/links/next"),
    ({"nextPageToken": "abc"}, "/nextPageToken"),
    ({"meta": {"hasMore": True}}, "/meta"),
]


@pytest.mark.parametrize(("more", "at"), PAGES)
def test_a_page_of_every_other_format_says_so_too(read, police_file, crime, more, at):
    assert gaps(read(police_file(crime(), **more), "police")) == [(at, "NEXT_PAGE")]
    assert gaps(read({"data": [{"code": "RCCO", "startDate": "2026-01-01"}], **more}, "probation", crn="X990001")) == [
        (at, "NEXT_PAGE")
    ]


def test_the_last_page_is_no_gap(read, police_file, crime):
    last = {"pagination": {"isLastPage": True, "page": 3, "totalPages": 3, "totalCount": 1}, "next": None}
    assert gaps(read(police_file(crime(), **last), "police")) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"totalRecords": 12}, ("/totalRecords", "MORE_THAN_HERE")),
        ({"errors": [{"x": 1}]}, ("/errors", "SOURCE_ERROR")),
    ],
)
def test_a_custodian_that_holds_more_or_failed_says_so(read, police_file, crime, more, expected):
    assert gaps(read(police_file(crime(), **more), "police")) == [expected]


# ---------------------------------------------------------------- passed over


def test_a_type_that_no_row_reads_is_counted_and_not_rejected(read, bundle, patient):
    more = [{"resourceType": kind, "id": "x"} for kind in ("AllergyIntolerance", "Observation", "Observation")]
    found = read(bundle(patient(), *more))
    assert dict(found.passed_over) == {"AllergyIntolerance": 1, "Observation": 2}
    assert (found.rejected, gaps(found)) == ((), [])


@pytest.mark.parametrize(("sector", "org"), [("police", "POLICE"), ("education", "EDUCATION")])
def test_another_sectors_record_type_is_counted_and_not_rejected(read, police_file, sector, org):
    envelope = {"recordId": "R1", "personId": "9990000018", "recordType": "housing.details", "payload": {"x": 1}}
    found = read(police_file(envelope, orgType=org), sector)
    assert (dict(found.passed_over), found.rejected) == ({"housing.details": 1}, ())


@pytest.mark.parametrize("kind", ["Zanzibarcanary", "JaneDoe", "patient"])
def test_a_word_that_is_no_type_is_rejected_and_not_repeated(read, bundle, kind):
    found = read(bundle({"resourceType": kind, "id": "x"}))
    assert [one.reason for one in found.rejected] == ["UNKNOWN_RECORD_TYPE"]
    assert kind not in repr(found)


# ---------------------------------------------------------------- when the extract was made


@pytest.mark.parametrize(
    ("more", "at"),
    [
        ({"timestamp": "2026-11-01T10:00:00+01:00"}, datetime(2026, 11, 1, 9, tzinfo=UTC)),
        ({"meta": {"lastUpdated": "2026-11-01T10:00:00Z"}}, datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ({"timestamp": "last week"}, None),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, None),
        ({}, None),
    ],
)
def test_an_extract_says_when_it_was_made(read, bundle, patient, more, at):
    assert read(bundle(patient(), **more)).extracted_at == at


def test_a_custodians_extract_says_when_it_was_made(read, police_file, crime):
    found = read(police_file(crime(), exportedAt="2026-11-01"), "police")
    assert found.extracted_at == datetime(2026, 11, 1, tzinfo=UTC)
