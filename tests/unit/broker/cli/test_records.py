"""`mash records`: import into one organisation's own store, and its own account."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.sdk.store.records import RecordStore
from broker.adapters.partitioner import partition_for
from broker.bootstrap.holder import build_holder
from broker.bootstrap.principal import open_principal
from broker.cli.views.progress import watching
from broker.errors import StoreFull
from broker.exchange.worker import Delivery

EXAMPLE = Path(__file__).parents[4] / "agents" / "police" / "examples" / "testerton-family.json"
ID = "01a202ba-3fba-7fab-b007-09e98019582d"
CANARY = "Quillfeather"
Form = Callable[..., Path]


def test_an_import_is_accounted_for(mash: Any, home: Path) -> None:
    ran = mash("records", "import", home, "police", EXAMPLE, "--json")
    assert ran.code == 0
    assert ran.document["org"] == "police"
    (file,) = ran.document["files"]
    assert set(file) >= {"file", "format", "people", "records", "rejected", "flagged", "ignored_fields"}
    assert (file["format"], file["people"], file["records"]) == ("dfe-custodian", 2, 3)
    assert (home / "police" / "records.sqlite").exists()


def test_a_broken_file_is_1_and_the_rest_is_imported(mash: Any, home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(f'{{"{CANARY}": ')
    ran = mash("records", "import", home, "police", broken, EXAMPLE, "--json")
    assert ran.code == 1
    assert [len(one["rejected"]) for one in ran.document["files"]] == [1, 0]
    assert ran.document["files"][1]["records"] == 3
    assert CANARY not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["police", "nope.json"], "file 1 of the command is not there"),
        (["nobody", EXAMPLE], "no such organisation; there are: police, school"),
        (["hub", EXAMPLE], "no such organisation"),
        (["school", EXAMPLE], "EDUCATION: no agent of this sector is installed"),
        (["police", EXAMPLE, "--person", CANARY], "--person (1): is not KEY=VALUE"),
        (["police", EXAMPLE, "--person", f"name={CANARY}"], "--person (1): is not KEY=VALUE"),
        (["police", EXAMPLE, "--person", "nhs="], "--person (1): is not KEY=VALUE"),
        (["police", EXAMPLE, "--person", "nhs=1", "--person", "nhs=2"], "--person (2): this key is given twice"),
        (["police", EXAMPLE, "--format", "fax"], "no such format"),
    ],
)
def test_a_wrong_word_is_2_and_nothing_is_imported(mash: Any, home: Path, words: list[object], line: str) -> None:
    ran = mash("records", "import", home, *words)
    assert ran.code == 2
    assert line in ran.error
    assert CANARY not in ran.error


def test_people_see_what_was_rejected_and_where(mash: Any, home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("[")
    ran = mash("records", "import", home, "police", broken)
    assert ran.code == 1
    assert "NOT_JSON" in ran.out


def _answered(home: Path) -> None:
    """Let police answer the request that waits on their topic, without publishing."""
    principal = open_principal(home / "police")

    async def answer() -> None:
        log = principal.log()
        try:
            topic = "mash.northants.requests.police.v1"
            partition = partition_for(ID.encode(), partitions=await log.partitions(topic))
            claim = await log.claim(topic, partition, group="police.requests")
            (message,) = await claim.fetch(most=10, wait=timedelta(seconds=5))
            delivery = Delivery(stream="police.0", sequence=1, attempts=0, now=principal.clock())
            await build_holder(principal).end(message, delivery)
        finally:
            await log.close()

    try:
        asyncio.run(answer())
    finally:
        principal.close()


def test_the_holder_sees_field_by_field_what_left(mash: Any, home: Path, form: Form) -> None:
    mash("records", "import", home, "police", EXAMPLE)
    person = {"ref": "p1", "roles": ["SUBJECT_CHILD"], "given_names": ["Robin"], "family_name": "Testerton"}
    person |= {"date_of_birth": "2014-03-04", "identifiers": {"nhs": "9990000018"}}
    mash("request", home, "--file", form(people=[person]), "--request-id", ID)
    _answered(home)
    ran = mash("records", "account", home, "police", ID, "--by", "police-pr-01", "--json")
    assert ran.code == 0
    assert (ran.document["org"], ran.document["request_id"]) == ("police", ID)
    released = [one for one in ran.document["fields"] if one["released"]]
    left_out = [one for one in ran.document["fields"] if not one["released"]]
    assert released
    assert left_out
    assert all(one["reason"] for one in left_out)
    assert "Testerton" not in ran.out, "the account names fields, never what was in them"
    page = mash("records", "account", home, "police", ID, "--by", "police-pr-01")
    assert page.code == 0
    assert "left out" in page.out
    assert mash("records", "account", home, "police", ID, "--by", "police-ro-01").code == 0, "MANAGE_RECORDS"
    refused = mash("records", "account", home, "police", ID, "--by", "police-ig-01", "--json")
    assert (refused.code, refused.out) == (1, ""), "neither LOOK nor MANAGE_RECORDS"
    assert "LOOK or MANAGE_RECORDS" in refused.error


def test_an_account_of_nothing_is_2(mash: Any, home: Path) -> None:
    assert "has no account of request" in mash("records", "account", home, "police", ID, "--by", "police-pr-01").error
    assert "is not a UUID" in mash("records", "account", home, "police", CANARY, "--by", "police-pr-01").error


# ---------------------------------------------------------------- the life of a source

OFFICER = "police-ro-01"


def _file(path: Path, *records: tuple[str, str, str], system: str = "RMS") -> Path:
    """A force's file of people: id, NHS number and given name."""
    found = [
        {
            "recordId": reference,
            "personId": number,
            "recordType": "personal.details",
            "version": "1",
            "systemId": system,
            "payload": {"firstName": given, "lastName": CANARY, "dateOfBirth": "2014-03-04"},
        }
        for reference, number, given in records
    ]
    path.write_text(json.dumps({"orgId": "FORCE", "orgType": "POLICE", "records": found}))
    return path


ROBIN, ALEX = ("R1", "9990000018", "Robin"), ("R2", "9990000026", "Alex")


def test_sources_are_listed_with_their_age_and_their_gaps(mash: Any, home: Path, tmp_path: Path) -> None:
    assert mash("records", "list", home, "police", "--json").document == {"org": "police", "sources": []}
    file = _file(tmp_path / "one.json", ROBIN, ALEX)
    assert mash("records", "import", home, "police", file, "--source", "Niche").code == 0
    ran = mash("records", "list", home, "police", "--json")
    (source,) = ran.document["sources"]
    assert ran.code == 0
    assert (source["source"], source["people"], source["records"], source["state"]) == ("Niche", 2, 2, "HELD")
    assert source["as_at_from"] == "IMPORT"
    assert source["records_as_at"] == source["imported_at"]
    (tmp_path / "broken.json").write_text("{")
    mash("records", "import", home, "police", tmp_path / "broken.json", "--source", "Niche")
    mash("records", "import", home, "police", tmp_path / "broken.json", "--source", "Other")
    ran = mash("records", "list", home, "police", "--json")
    assert ran.code == 1
    assert [(one["source"], one["state"], one["gaps"]) for one in ran.document["sources"]] == [
        ("Niche", "GAPS", [{"reason": "UNREADABLE", "count": 1}]),
        ("Other", "UNREADABLE", [{"reason": "UNREADABLE", "count": 1}]),
    ]
    page = mash("records", "list", home, "police")
    assert "Niche" in page.out
    assert CANARY not in page.out


def test_who_is_held_is_shown_to_whoever_may_manage_records_and_to_nobody_else(
    mash: Any, home: Path, tmp_path: Path
) -> None:
    mash("records", "import", home, "police", _file(tmp_path / "one.json", ROBIN, ALEX))
    ran = mash("records", "list", home, "police", "--people", "--by", OFFICER, "--json")
    assert sorted(one["names"][0] for one in ran.document["people"]) == [f"Alex {CANARY}", f"Robin {CANARY}"]
    assert CANARY in mash("records", "list", home, "police", "--people", "--by", OFFICER).out
    for words, code in (([], 2), (["--by", "police-pr-01"], 1)):
        refused = mash("records", "list", home, "police", "--people", *words, "--json")
        assert (refused.code, refused.out) == (code, "")


def test_a_person_is_found_as_a_request_would_find_them(mash: Any, home: Path, tmp_path: Path) -> None:
    mash("records", "import", home, "police", _file(tmp_path / "one.json", ROBIN, ALEX))
    person = {"ref": "p1", "roles": ["SUBJECT_CHILD"], "given_names": ["Robin"], "family_name": CANARY}
    person["date_of_birth"] = "2014-03-04"
    (tmp_path / "person.json").write_text(json.dumps(person | {"identifiers": {"nhs": "9990000018"}}))
    ran = mash("records", "find", home, "police", "--file", tmp_path / "person.json", "--by", OFFICER, "--json")
    assert ran.code == 0
    assert ran.document["candidates"][0]["names"] == [f"Robin {CANARY}"]
    (tmp_path / "person.json").write_text(json.dumps({"names": CANARY}))
    ran = mash("records", "find", home, "police", "--file", tmp_path / "person.json", "--by", OFFICER)
    assert ran.code == 2
    assert CANARY not in ran.error


def test_a_person_who_is_removed_is_gone_for_good(mash: Any, home: Path, tmp_path: Path) -> None:
    file = _file(tmp_path / "one.json", ROBIN, ALEX)
    mash("records", "import", home, "police", file)
    remove = ("records", "remove", home, "police", "--identifier", "nhs=9990000018", "--reason", "SUBJECT_REQUEST")
    assert mash(*remove).code == 2
    assert mash(*remove, "--by", "police-pr-01").code == 1
    ran = mash(*remove, "--by", OFFICER, "--json")
    assert ran.document == {"org": "police", "removed": 1, "reason": "SUBJECT_REQUEST"}
    again = mash("records", "import", home, "police", file, "--json").document["files"][0]
    assert [one["reason"] for one in again["flagged"]] == ["REMOVED_BEFORE"]
    held = mash("records", "list", home, "police", "--people", "--by", OFFICER, "--json").document["people"]
    assert [one["names"] for one in held] == [[f"Alex {CANARY}"]]
    assert mash(*remove, "--by", OFFICER, "--json").document["removed"] == 0


def test_a_source_that_is_removed_is_gone_and_may_come_again(mash: Any, home: Path, tmp_path: Path) -> None:
    one = _file(tmp_path / "one.json", ROBIN, ALEX)
    mash("records", "import", home, "police", one, "--source", "Niche")
    remove = ("records", "remove", home, "police", "--source", "Niche", "--reason", "WRONG_FILE", "--by", OFFICER)
    assert mash(*remove, "--json").document["removed"] == 2
    assert mash("records", "list", home, "police", "--json").document["sources"] == []
    assert "no such source" in mash(*remove).error
    assert mash("records", "import", home, "police", one, "--source", "Niche", "--json").code == 0
    assert mash("records", "list", home, "police", "--json").document["sources"][0]["records"] == 2


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "--identifier: say either this or --source"),
        (["--identifier", "nhs=1", "--source", "x"], "--identifier: say either this or --source"),
        (["--identifier", f"name={CANARY}"], "--identifier (1): is not KEY=VALUE"),
        (["--identifier", "nhs=9991234566"], "--identifier: is not a valid nhs"),
        (["--source", CANARY], "no such source"),
        (["--source", "x", "--reason", "because"], "--reason: is no code word"),
    ],
)
def test_a_wrong_removal_is_2_and_removes_nothing(mash: Any, home: Path, words: list[str], line: str) -> None:
    reason = [] if "--reason" in words else ["--reason", "R"]
    ran = mash("records", "remove", home, "police", *words, *reason, "--by", OFFICER)
    assert ran.code == 2
    assert line in ran.error
    assert CANARY not in ran.error


def test_a_dry_run_accounts_and_leaves_everything(mash: Any, home: Path, tmp_path: Path) -> None:
    ran = mash("records", "import", home, "police", _file(tmp_path / "one.json", ROBIN), "--dry-run", "--json")
    assert (ran.code, ran.document["dry_run"], ran.document["files"][0]["people"]) == (0, True, 1)
    assert mash("records", "list", home, "police", "--json").document["sources"] == []


def test_a_whole_export_withdraws_and_a_small_one_is_not_believed(mash: Any, home: Path, tmp_path: Path) -> None:
    everybody = [(f"R{place}", number, "Robin") for place, number in enumerate(NUMBERS)]
    file = _file(tmp_path / "all.json", *everybody)
    words = ("records", "import", home, "police")
    mash(*words, file, "--source", "Niche", "--whole")
    ran = mash(*words, _file(file, *everybody[:3]), "--source", "Niche", "--whole", "--json")
    assert (ran.code, ran.document["files"][0]["withdrawn"]) == (0, 1)
    ran = mash(*words, _file(file, *everybody[:1]), "--source", "Niche", "--whole", "--json")
    assert (ran.code, ran.document["files"][0]["withdrawn"]) == (1, 0)
    assert ran.document["files"][0]["flagged"][0]["reason"] == "FEWER_THAN_HELD"
    ran = mash(*words, file, "--source", "Niche", "--whole", "--fewer", "--json")
    assert (ran.code, ran.document["files"][0]["withdrawn"]) == (0, 2)


def test_a_full_disk_is_called_full_with_path_and_room(
    mash: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mash("records", "import", home, "police", _file(tmp_path / "one.json", ROBIN))

    def full(*arguments: object, **more: object) -> None:
        raise StoreFull("database records.sqlite has no room on its disk")

    with monkeypatch.context() as patched:
        patched.setattr(RecordStore, "replace", full)
        ran = mash("records", "import", home, "police", _file(tmp_path / "two.json", ALEX), "--json")
    assert ran.code == 1
    assert ran.document["files"][0]["rejected"][0]["reason"] == "DISK_FULL"
    assert ran.document["full_disk"]["path"] == str(home / "police" / "records.sqlite")
    assert ran.document["full_disk"]["free_bytes"] > 0
    assert "is full" in ran.err
    assert mash("records", "list", home, "police", "--json").document["sources"][0]["records"] == 1


def test_progress_is_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for watched in (True, False):
        screen = io.StringIO()
        monkeypatch.setattr(screen, "isatty", lambda watched=watched: watched)
        monkeypatch.setattr(sys, "stderr", screen)
        with watching(2) as watch:
            watch(1, f"{CANARY}.json")(3, 6)
            watch(2, "two.json")(6, 6)
        assert bool(screen.getvalue()) is watched
        assert CANARY not in screen.getvalue()


NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042")


def test_people_see_what_to_do_and_how_often(mash: Any, home: Path, tmp_path: Path) -> None:
    nobody = [(f"R{place}", "", CANARY) for place in range(4)]
    file = _file(tmp_path / "one.json", *nobody)
    document = json.loads(file.read_text())
    for one in document["records"]:
        one["payload"] = {"ethnicity": "not known"}
    file.write_text(json.dumps(document))
    ran = mash("records", "import", home, "police", file)
    assert ran.code == 1
    page = " ".join(ran.out.split())
    assert "NO_SUBJECT" in page
    assert ran.out.count("NO_SUBJECT") == 1
    assert ran.err == "", "no progress where nobody watches"
