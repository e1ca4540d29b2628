"""`mash records`: import into one organisation's own store, and its own account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.partitioner import partition_for
from broker.bootstrap.holder import build_holder
from broker.bootstrap.principal import open_principal
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
