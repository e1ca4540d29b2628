"""Importing: broken files stay out, the rest goes in, and no account holds a value."""

import json
from datetime import date

import pytest

from agents.sdk import documents
from agents.sdk.parse import parse
from broker.errors import RejectedError, UsageError
from schemas.vocabulary import IdentifierScheme

CANARY = "Canarybird"


def complaints(account):
    return [(one.at, one.reason) for one in (*account.rejected, *account.flagged)]


def test_the_account_counts_people_and_records(take_in, police_file, personal, crime):
    (account,) = take_in(
        police_file(
            personal("Robin", "Testerton", "2014-03-04"),
            crime(reference="R2"),
            crime(person="9990000026", reference="R3"),
            crime(person="9991234566", reference="R4"),
        )
    )
    assert (account.format, account.people, account.records) == ("dfe-custodian", 3, 4)
    assert complaints(account) == [("/records/3/personId", "INVALID_CHECK")]


def test_the_account_is_the_documented_json(take_in, police_file, crime, write):
    path = write(police_file(crime({"shoes": "red"}), crime(recordType="x", reference="R2")))
    (account,) = take_in(path)
    assert json.loads(json.dumps(account.as_json())) == {
        "file": str(path),
        "format": "dfe-custodian",
        "people": 1,
        "records": 1,
        "rejected": [{"at": "/records/1/recordType", "reason": "UNKNOWN_RECORD_TYPE"}],
        "flagged": [],
        "ignored_fields": {"/records/*/payload/shoes": 1},
        "passed_over": {},
        "gaps": [],
    }


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "NOT_JSON"),
        (b"{", "NOT_JSON"),
        (b"<xml/>", "NOT_JSON"),
        (b'{"a": NaN}', "NOT_JSON"),
        (b'{"a": -Infinity}', "NOT_JSON"),
        (b'{"a": "\xff"}', "NOT_JSON"),
        (b"[" * 100_000, "NOT_JSON"),
        (b"1" * 5000, "UNKNOWN_FORMAT"),
        (b'{"records": [{"a": 1, "a": 2}]}', "DUPLICATE_KEYS"),
        (b"[]", "UNKNOWN_FORMAT"),
        (b"null", "UNKNOWN_FORMAT"),
        (b"{}", "UNKNOWN_FORMAT"),
        (b'{"records": {}, "orgType": "POLICE"}', "UNKNOWN_FORMAT"),
    ],
)
def test_a_broken_file_is_rejected_whole_and_the_others_go_in(take_in, police_file, crime, data, reason):
    broken, whole = take_in(data, police_file(crime()))
    assert (broken.format, broken.records, complaints(broken)) == (None, 0, [("", reason)])
    assert whole.records == 1


def test_a_file_that_is_too_large_is_not_read(take_in, police_file, crime, monkeypatch):
    monkeypatch.setattr(documents, "MOST_BYTES", 1000)
    large, small = take_in(police_file(crime({"policeMarkerDetails": "x" * 1000})), police_file(crime()))
    assert complaints(large) == [("", "TOO_LARGE")]
    assert small.records == 1


def test_a_file_that_cannot_be_opened_is_rejected_and_the_others_go_in(take_in, police_file, crime, write, monkeypatch):
    locked, open_file = write(police_file(crime())), write(police_file(crime(reference="R2")))
    really = type(locked).open

    def guarded(path, *arguments, **more):
        if path == locked:
            raise PermissionError("locked")
        return really(path, *arguments, **more)

    monkeypatch.setattr(type(locked), "open", guarded)
    first, second = take_in(locked, open_file)
    assert complaints(first) == [("", "NOT_READABLE")]
    assert second.records == 1


def test_a_byte_order_mark_is_no_reason_to_refuse(take_in, police_file, crime):
    (account,) = take_in(b"\xef\xbb\xbf" + json.dumps(police_file(crime())).encode())
    assert account.records == 1


@pytest.mark.parametrize("sector", ["HEALTH", "LOCAL_AUTHORITY", "FAUX", "police", "", None, 7])
def test_a_file_of_another_sector_is_rejected_whole(take_in, police_file, crime, sector):
    (account,) = take_in(police_file(crime(), orgType=sector))
    assert (account.records, complaints(account)) == (0, [("/orgType", "WRONG_SECTOR")])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"recordType": "crime-justice"}, ("/records/1/recordType", "UNKNOWN_RECORD_TYPE")),
        ({"recordType": ...}, ("/records/1/recordType", "UNKNOWN_RECORD_TYPE")),
        ({"payload": None}, ("/records/1/payload", "WRONG_SHAPE")),
        ({"payload": "text"}, ("/records/1/payload", "WRONG_SHAPE")),
        ({"payload": ...}, ("/records/1/data", "WRONG_SHAPE")),
        ({"version": "2"}, ("/records/1/version", "UNKNOWN_VERSION")),
        ({"personId": None}, ("/records/1", "NO_SUBJECT")),
        ({"personId": ...}, ("/records/1", "NO_SUBJECT")),
        ({"recordId": "R1"}, ("/records/1", "DUPLICATE_RECORD")),
    ],
)
def test_a_record_that_cannot_be_read_is_rejected_alone(take_in, police_file, crime, change, complaint):
    document = police_file(crime(), crime(reference="R2", **change), crime(reference="R3"))
    (account,) = take_in(document)
    assert account.records == 2
    assert complaints(account) == [complaint]


def test_a_record_that_is_no_object_is_rejected_alone(take_in, police_file, crime):
    (account,) = take_in(police_file("text", crime(), None))
    assert account.records == 1
    assert complaints(account) == [("/records/0", "WRONG_SHAPE"), ("/records/2", "WRONG_SHAPE")]


def test_older_writings_of_the_envelope_are_read(take_in, police_file, crime):
    older = crime(systemId=..., version=...)
    older["providerSystemId"], older["data"] = "OLD-RMS", older.pop("payload")
    (account,) = take_in(police_file(older))
    assert (account.records, complaints(account)) == (1, [])


def test_records_without_an_id_are_told_apart_by_their_place(take_in, police_file, crime):
    (account,) = take_in(police_file(crime(recordId=...), crime(recordId=None)))
    assert account.records == 2


def test_what_stands_outside_a_record_is_counted_too(take_in, police_file, crime):
    link = [{"url": "https://example.org"}]
    (account,) = take_in(police_file(crime(recordLink=link), crime(recordLink=[], reference="R2"), comment="x"))
    assert dict(account.ignored_fields) == {"/comment": 1, "/records/*/recordLink": 1}


# ---------------------------------------------------------------- files that name nobody


def test_a_bare_record_that_names_nobody_is_rejected_until_it_is_bound(take_in, crime):
    (account,) = take_in(crime()["payload"] | {"servicesKnownTo": [], "missingEpisodes": []}, format_name=CRIME)
    assert complaints(account) == [("", "NO_SUBJECT")]


CRIME = "crime-justice.details"


async def test_a_bare_record_is_held_about_whom_it_is_bound_to(take_in, crime, store, asked):
    bindings = {IdentifierScheme.NHS: "999 000 0018"}
    payload = dict.fromkeys(crime()["payload"]) | {
        "policeMarkerDetails": "Dog",
        "servicesKnownTo": [],
        "missingEpisodes": [],
        "riskRadicalisation": None,
        "crimeActiveStatusesAndPlans": [],
    }
    (account,) = take_in(payload, bindings=bindings)
    assert (account.format, account.people, account.records) == (CRIME, 1, 1)
    (found,) = await store.find(asked(nhs="9990000018"))
    assert (await store.look_up(found.record_id)).items[0].text == "Police marker: Dog."


async def test_two_peoples_bare_records_may_read_alike(take_in, store, asked, crime):
    payload = crime()["payload"] | {"servicesKnownTo": ["Police"], "missingEpisodes": [], "riskRadicalisation": True}
    for number in ("9990000018", "9990000026"):
        take_in(payload, bindings={IdentifierScheme.NHS: number}, format_name=CRIME)
    for number in ("9990000018", "9990000026"):
        assert len(await store.find(asked(nhs=number))) == 1


def test_a_binding_to_an_invalid_number_is_the_commands_mistake(take_in, crime):
    with pytest.raises(UsageError, match="nhs is not valid: INVALID_CHECK") as raised:
        take_in(crime()["payload"], bindings={IdentifierScheme.NHS: "9991234566"})
    assert "9991234566" not in str(raised.value)


def test_a_binding_never_renames_somebody_whom_the_file_names(take_in, personal):
    payload = personal("Robin", "Testerton", "2014-03-04")["payload"] | dict.fromkeys(
        ("birthAssignedSex", "ethnicity", "braille", "makaton")
    )
    (account,) = take_in(payload, bindings={IdentifierScheme.NHS: "9990000026"})
    assert complaints(account) == [("", "BINDING_NOT_USED")]


async def test_a_binding_never_reaches_a_file_of_many_records(take_in, police_file, crime, store, asked):
    (account,) = take_in(police_file(crime(personId=None)), bindings={IdentifierScheme.NHS: "9990000018"})
    assert complaints(account) == [("/records/0", "NO_SUBJECT")]
    assert await store.find(asked(nhs="9990000018")) == ()


# ---------------------------------------------------------------- the command's mistakes


def test_a_missing_file_stops_the_command_before_anything_is_imported(take_in, police_file, crime, write, tmp_path):
    with pytest.raises(UsageError, match="file 2 of the command"):
        take_in(write(police_file(crime())), tmp_path / f"{CANARY}.json")


def test_an_unknown_format_is_the_commands_mistake(take_in, police_file, crime):
    with pytest.raises(UsageError, match="no such format"):
        take_in(police_file(crime()), format_name="xml")


def test_an_asked_format_that_does_not_fit_is_rejected(take_in, police_file, crime):
    (account,) = take_in(police_file(crime()), format_name="niche")
    assert complaints(account) == [("", "UNKNOWN_FORMAT")]


# ---------------------------------------------------------------- nothing leaks


def canaries(value):
    """Put the canary wherever a value can stand, and beside it where a key can."""
    if isinstance(value, dict):
        return {key: canaries(inner) for key, inner in value.items()} | {f"{CANARY} key": CANARY, "9990000018": 1}
    if isinstance(value, list):
        return [*map(canaries, value), CANARY, [CANARY]]
    return CANARY


def test_no_value_of_a_file_is_in_any_complaint(take_in, police_file, crime, personal):
    record = crime(
        {"missingEpisodes": [{"date": "x"}], "servicesKnownTo": ["x"], "lastPoliceProtectionPowerEvent": "x"}
    )
    person = personal("x", "x", "x", fields={"relatedPeople": [{"name": "x", "risk": ["x"]}], "birthAssignedSex": "x"})
    for kind, held in (("crime-justice.details", record), ("personal.details", person)):
        whole = canaries(held)
        mixed = held | {"payload": canaries(held["payload"]), "personId": CANARY, "recordId": CANARY}
        (account,) = take_in(police_file(whole, mixed | {"recordType": kind}, mixed))
        shown = repr(account) + json.dumps(account.as_json() | {"file": ""})
        assert account.rejected
        assert account.flagged
        assert account.ignored_fields
        assert CANARY not in shown
        assert "9990000018" not in shown


@pytest.mark.parametrize("text", [f'{{"{CANARY}": 1, "{CANARY}": 2}}', f'{{"{CANARY}"', f'{{"a": {CANARY}}}'])
def test_no_value_of_a_broken_file_is_in_its_fault(text):
    with pytest.raises(RejectedError) as raised:
        parse(text.encode())
    assert CANARY not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_nothing_that_is_read_shows_people_in_its_repr(police_file, personal, crime):
    from agents.police.agent import AGENT
    from agents.sdk.format import FileTerms

    document = police_file(
        personal(CANARY, CANARY, "2014-03-04"), crime({"policeMarkerDetails": CANARY}, reference=CANARY)
    )
    terms = FileTerms(sector=AGENT.sector, digest="0", bound=(), verified_identifiers=False, today=date(2026, 11, 20))
    read = AGENT.formats[0].read(document, terms=terms, readers=AGENT.readers)
    assert len(read.records) == 2
    shown = repr(read) + repr(read.records) + repr([record.subject for record in read.records])
    shown += repr([item for record in read.records for item in record.items])
    assert CANARY not in shown
    assert "2014" not in shown
