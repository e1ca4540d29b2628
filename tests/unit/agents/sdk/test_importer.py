"""Importing: broken files stay out, the rest goes in, and no account holds a value."""

import gc
import json
import re
from datetime import date
from pathlib import Path

import pytest

from agents.sdk import documents
from agents.sdk.format import Format
from agents.sdk.parse import parse
from agents.sdk.reasons import REASONS
from broker.errors import FieldError, RejectedError, UsageError
from schemas.identifiers import IdentifierFault
from schemas.vocabulary import IdentifierScheme
from tests.records_world import texts_of

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
        "sources": ["EXAMPLE-RMS"],
        "people": 1,
        "records": 1,
        "withdrawn": 0,
        "rejected": [
            {
                "at": "/records/1/recordType",
                "reason": "UNKNOWN_RECORD_TYPE",
                "count": 1,
                "places": ["/records/1/recordType"],
                "do": "ask the maintainers for a row: no one reads such records yet",
            }
        ],
        "flagged": [],
        "gaps": [],
        "passed_over": {},
        "ignored_fields": {"/records/*/payload/shoes": 1},
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


@pytest.mark.parametrize("fault", [OverflowError, UnicodeEncodeError, KeyError, TypeError])
async def test_a_file_that_breaks_its_reader_is_one_rejected_account(
    take_in, police_file, crime, monkeypatch, store, fault
):
    """No value of a file ends an import, and none of the fault's text, which may quote it, is told."""
    really = Format.read

    def read(format_, document, **terms):
        if document["records"][0]["recordId"] == CANARY:
            raise fault("utf-8", CANARY, 0, 1, CANARY) if fault is UnicodeEncodeError else fault(CANARY)
        return really(format_, document, **terms)

    monkeypatch.setattr(Format, "read", read)
    first, broken, last = take_in(
        police_file(crime()), police_file(crime(reference=CANARY)), police_file(crime(reference="R3"))
    )
    assert complaints(broken) == [("", "FAULT")]
    assert (first.records, last.records) == (1, 1)
    assert CANARY not in json.dumps(broken.as_json())
    assert "could not be read" in (await store.coverage()).gaps


async def test_what_no_database_can_hold_is_one_rejected_account(take_in, police_file, crime, texts_held):
    broken = {"policeMarkerDetails": "\ud800"}
    _, last = take_in(police_file(crime(broken)), police_file(crime({"policeMarkerDetails": "good"}, reference="R2")))
    assert last.records == 1
    assert "Police marker: good." in texts_held()


@pytest.fixture
def texts_held(database):
    """Everything that is held, in words."""
    return lambda: texts_of(database)


def test_a_rehearsal_accounts_and_writes_nothing(take_in, police_file, crime, database, texts_held):
    take_in(police_file(crime({"policeMarkerDetails": "old"})))
    (told,) = take_in(
        police_file(crime({"policeMarkerDetails": "new"}), crime(recordType="x", reference="R2")), rehearsal=True
    )
    take_in(b"{", rehearsal=True)
    assert (told.records, len(told.rejected)) == (1, 1)
    assert texts_held() == ["Police marker: old."]
    with database.snapshot() as transaction:
        assert transaction.execute("SELECT * FROM gaps") == []


def test_a_source_is_a_name_that_can_be_shown(take_in, police_file, crime):
    for name in ("", " ", "x" * 101, "a|b", "a\nb", "file:abc"):
        with pytest.raises(FieldError, match="source"):
            take_in(police_file(crime()), source=name)


def test_fewer_is_said_of_a_whole_export_only(take_in, police_file, crime):
    with pytest.raises(FieldError, match="fewer"):
        take_in(police_file(crime()), fewer=True)


def test_a_whole_export_may_be_several_files(take_in, police_file, crime, texts_held):
    def of(name, number):
        return police_file(
            *(crime({"policeMarkerDetails": f"{name}{i}"}, reference=f"{name}{i}") for i in range(number))
        )

    take_in(of("a", 3), of("b", 3), source="Niche")
    (first, second) = take_in(of("a", 2), of("b", 2), source="Niche", whole=True)
    assert (first.withdrawn, second.withdrawn, second.is_whole) == (0, 2, True)
    assert len(texts_held()) == 4
    (_, _, last) = take_in(of("a", 1), b"{", of("b", 1), source="Niche", whole=True)
    assert last.withdrawn == 0, "what could not be read may hold the rest"
    (few,) = take_in(of("a", 1), source="Niche", whole=True)
    assert (few.withdrawn, few.is_whole) == (0, False)
    assert [one.reason for one in few.flagged] == ["FEWER_THAN_HELD"]
    assert len(texts_held()) == 4


def test_the_same_reason_many_times_is_one_row(take_in, police_file, crime):
    (account,) = take_in(police_file(crime(), *(crime(personId=None, reference=f"N{i}") for i in range(8))))
    (row,) = account.as_json()["rejected"]
    assert (row["at"], row["reason"], row["count"], len(row["places"])) == ("/records/1", "NO_SUBJECT", 8, 5)
    assert "--person" in row["do"]


REASON = re.compile(r'(?:reason=|RejectedError\(|_reason=)"([A-Z][A-Z_]+)"')


def test_every_reason_that_an_import_can_give_has_a_sentence():
    """What the code says is what the table explains; the words of an identifier's fault come with it."""
    code = Path(documents.__file__).parents[1]
    said = {word for path in code.rglob("*.py") for word in REASON.findall(path.read_text(encoding="utf-8"))}
    assert (said | set(IdentifierFault)) - set(REASONS) == set()


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
    take_in(police_file(crime(person="9990000026")))
    assert await store.find(asked("Alex", "Sample", nhs="9990000018")) == ()


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


def test_the_collector_of_cycles_is_back_after_an_import(take_in, police_file, crime, monkeypatch):
    """What is read makes no cycles, so that nothing looks for them meanwhile, and something does afterwards."""
    seen = []
    monkeypatch.setattr(documents, "digest_of", lambda path: seen.append(gc.isenabled()) or b"")
    take_in(police_file(crime()))
    assert seen == [False]
    assert gc.isenabled()
    with pytest.raises(UsageError):
        take_in(Path("nowhere.json"))
    assert gc.isenabled()
