"""`mash request` and `mash summary` where nothing runs yet: what is sent, said, kept and refused."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.errors import UnavailableError
from broker.exchange.outbox import Outbox
from broker.partnership.home import open_home
from broker.partnership.hub import open_hub
from broker.ports import Message

ID = "01a202ba-3fba-7fab-b007-09e98019582d"
OTHER_ID = "01a202ba-3fba-7fab-b007-09e98019582e"
CANARY = "Quillfeather"
Form = Callable[..., Path]


async def _messages(home: Path, topic: str) -> tuple[Message, ...]:
    async with open_hub(open_home(home)) as hub:
        partitions = range(await hub.log.partitions(topic))
        found = [await hub.log.read(topic, one, offset=0, most=100, wait=timedelta(0)) for one in partitions]
        return tuple(message for messages in found for message in messages)


def messages(home: Path, topic: str) -> tuple[Message, ...]:
    """Everything on a topic."""
    return asyncio.run(_messages(home, topic))


def test_without_wait_it_is_sent_and_awaited(mash: Any, home: Path, form: Form) -> None:
    ran = mash("request", home, "--file", form(agencies=["police", "school"]), "--request-id", ID, "--json")
    assert ran.code == 0
    assert ran.err.splitlines() == [ID]
    document = ran.document
    assert document["request_id"] == ID
    assert (document["case_ref"], document["rating"], document["complete"]) == ("C-000123", "RED", False)
    assert document["waiting_for"] == ["police", "school"]
    assert document["due_at"].endswith("Z")
    assert document["hub_decision"]["outcome"] in {"PERMIT", "PARTIAL"}
    for answer in document["answers"].values():
        assert (answer["status"], answer["stage"], answer["revision"]) == ("AWAITED", "SENT", 0)
        assert answer["recorded"] is False
    assert len(messages(home, "mash.northants.requests.police.v1")) == 1
    assert len(messages(home, "mash.northants.requests.school.v1")) == 1


def test_the_id_stands_first_on_standard_error(mash: Any, home: Path, form: Form) -> None:
    """Whoever is interrupted can ask again under it."""
    ran = mash("request", home, "--file", form(), "--json")
    assert ran.err.splitlines()[0] == ran.document["request_id"]


def test_the_same_id_again_sends_nothing_twice(mash: Any, home: Path, form: Form) -> None:
    first = mash("request", home, "--file", form(), "--request-id", ID, "--json")
    again = mash("request", home, "--file", form(child_views=None), "--request-id", ID, "--json")
    assert again.code == 0
    assert again.document == first.document
    assert len(messages(home, "mash.northants.requests.police.v1")) == 1
    assert len(messages(home, "mash.northants.dispatches.hub.v1")) == 1


def test_the_same_id_with_other_content_is_2(mash: Any, home: Path, form: Form) -> None:
    mash("request", home, "--file", form(), "--request-id", ID)
    ran = mash("request", home, "--file", form(narrative="another story"), "--request-id", ID)
    assert ran.code == 2
    assert ran.out == ""
    assert "other content" in ran.err.splitlines()[-1]


def test_waiting_prints_what_there_is_when_time_is_out(mash: Any, home: Path, form: Form) -> None:
    ran = mash("request", home, "--file", form(), "--request-id", ID, "--wait", "--timeout", "0.05", "--json")
    assert ran.code == 3
    assert ran.document["answers"]["police"]["status"] == "AWAITED"


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "1e300"])
def test_a_timeout_that_is_no_time_is_2(mash: Any, home: Path, form: Form, seconds: str) -> None:
    ran = mash("request", home, "--file", form(), "--wait", "--timeout", seconds)
    assert ran.code == 2
    assert ran.error.startswith("mash: --timeout: ")


def test_the_hubs_refusal_is_1_with_a_document(mash: Any, home: Path, form: Form) -> None:
    """Only a manager sets RED (R1)."""
    refused = form(requester={"actor": "sw-014", "role": "MASH_SOCIAL_WORKER"})
    before = len(messages(home, "mash.northants.audit.v1"))
    for words in (
        ("request", home, "--file", refused, "--request-id", ID, "--wait"),
        ("summary", home, ID, "--by", "mm-01"),
    ):
        ran = mash(*words, "--json")
        assert ran.code == 1
        document = ran.document
        assert (document["answers"], document["waiting_for"]) == ({}, [])
        assert (document["due_at"], document["complete"]) == (None, True)
        assert (document["request_id"], document["case_ref"], document["rating"]) == (ID, "C-000123", "RED")
        assert document["hub_decision"]["outcome"] in {"DENY", "REFER"}
        assert document["hub_decision"]["reasons"]
    assert messages(home, "mash.northants.requests.police.v1") == ()
    assert len(messages(home, "mash.northants.audit.v1")) == before + 2, "the refusal, and one look at it"


def test_the_summary_of_what_nobody_answered_yet_is_3(mash: Any, home: Path, form: Form) -> None:
    mash("request", home, "--file", form(), "--request-id", ID)
    ran = mash("summary", home, ID, "--by", "mm-01", "--json")
    assert ran.code == 3
    assert ran.document["answers"]["police"]["stage"] == "SENT"


@pytest.mark.parametrize(
    ("by", "code"), [("mm-02", 3), ("rc-01", 3), ("sm-01", 3), ("pc-01", 1), ("ig-01", 1), ("police-pr-01", 1)]
)
def test_a_summary_is_shown_to_whoever_holds_look_for_its_band(
    mash: Any, home: Path, form: Form, by: str, code: int
) -> None:
    """A partnership coordinator looks at GREEN only; a governance officer does not look at all."""
    mash("request", home, "--file", form(), "--request-id", ID)
    before = len(messages(home, "mash.northants.audit.v1"))
    ran = mash("summary", home, ID, "--by", by, "--json")
    assert ran.code == code
    assert bool(ran.out) is (code == 3)
    assert len(messages(home, "mash.northants.audit.v1")) == before + (code == 3)


def test_the_summary_of_nothing_asked_is_2(mash: Any, home: Path) -> None:
    assert "nothing was asked under this id" in mash("summary", home, OTHER_ID, "--by", "mm-01").error


@pytest.mark.parametrize("word", ["7", "01A202BA-3FBA-7FAB-B007-09E98019582D", f"{ID} ", CANARY, ""])
def test_an_id_that_is_no_canonical_uuid_is_2(mash: Any, home: Path, form: Form, word: str) -> None:
    for words in (("request", home, "--file", form(), "--request-id", word), ("summary", home, word, "--by", "mm-01")):
        ran = mash(*words)
        assert ran.code == 2
        assert "is not a UUID" in ran.error
        assert CANARY not in ran.err


@pytest.mark.parametrize(
    "changes", [{"rating": CANARY}, {CANARY: 1}, {"people": []}, {"agencies": [CANARY]}, {"purpose": None}]
)
def test_a_wrong_file_is_2_and_names_the_key_not_the_value(
    mash: Any, home: Path, form: Form, changes: dict[str, Any]
) -> None:
    ran = mash("request", home, "--file", form(**changes))
    assert ran.code == 2
    assert ran.out == ""
    assert CANARY not in ran.err or changes == {CANARY: 1}  # an unknown key is named: the contract says so
    assert messages(home, "mash.northants.dispatches.hub.v1") == ()


def test_a_missing_or_oversized_file_is_2(mash: Any, home: Path, tmp_path: Path) -> None:
    assert "no such file" in mash("request", home, "--file", tmp_path / "nope.json").error
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (256 * 1024 + 1))
    ran = mash("request", home, "--file", large)
    assert (ran.code, ran.out) == (2, "")
    assert "over the limit" in ran.err


def test_people_see_a_page_without_markup_of_the_records(mash: Any, home: Path, form: Form) -> None:
    """Text of a form or record that looks like markup is shown as it is."""
    ran = mash("request", home, "--file", form(case_ref="C-1:red"), "--request-id", ID)
    assert ran.code == 0
    assert "C-1:red" in ran.out
    assert "police" in ran.out


def test_an_event_log_that_takes_nothing_is_3_and_keeps_the_request(
    mash: Any, home: Path, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is stored: the next command, or the running hub, sends it."""

    async def away(self: Outbox, log: object) -> None:
        raise UnavailableError("the event log took nothing")

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "drain", away)
        ran = mash("request", home, "--file", form(), "--request-id", ID, "--json")
        assert ran.code == 3
        assert ran.document["answers"]["police"]["stage"] == "SENT"
        assert messages(home, "mash.northants.requests.police.v1") == ()
    assert mash("request", home, "--file", form(), "--request-id", ID, "--json").code == 0
    assert len(messages(home, "mash.northants.requests.police.v1")) == 1


def test_the_hubs_own_folder_holds_no_plaintext(mash: Any, home: Path, form: Form) -> None:
    """What the hub asked is sealed, in its database as in the log."""
    mash("request", home, "--file", form(), "--request-id", ID)
    values = (CANARY, "9990000018", "invented concern", "C-000123", "ZZ99")
    for path in home.rglob("*"):
        held = path.read_bytes() if path.is_file() else b""
        assert not [value for value in values if value.encode() in held], path.name


def test_two_asks_of_one_id_at_once_store_one(home: Path, form: Form) -> None:
    """The second finds the first in the same transaction, whichever is faster."""
    data = form().read_bytes()

    async def both() -> None:
        async with open_hub(open_home(home)) as one, open_hub(open_home(home)) as two:
            now = one.principal.clock()
            asks = [hub.requester.ask(data, request_id=ID, log=hub.log, now=now) for hub in (one, two)]
            first, second = await asyncio.gather(*asks)
            assert first == second

    asyncio.run(both())
    assert len(messages(home, "mash.northants.requests.police.v1")) == 1


def test_an_altered_memory_of_an_ask_is_refused(mash: Any, home: Path, form: Form) -> None:
    """A row of another request under this id, or a changed one, is not shown as this one's."""
    mash("request", home, "--file", form(), "--request-id", ID)
    mash("request", home, "--file", form(), "--request-id", OTHER_ID)
    with sqlite3.connect(home / "hub" / "hub.sqlite") as database:
        database.execute(
            "UPDATE asked SET sealed = (SELECT sealed FROM asked WHERE request_id = ?) WHERE request_id = ?",
            (ID, OTHER_ID),
        )
    database.close()
    ran = mash("summary", home, OTHER_ID, "--by", "mm-01")
    assert ran.code == 2
    assert "REST_ALTERED" in ran.error


def test_a_summary_is_shown_to_somebody_or_to_nobody(mash: Any, home: Path, form: Form) -> None:
    """Exit 2 where nobody is named, exit 1 where the register does not hold them at the hub; nothing is shown."""
    mash("request", home, "--file", form(), "--request-id", ID)
    before = len(messages(home, "mash.northants.audit.v1"))
    ran = mash("summary", home, ID)
    assert (ran.code, ran.error) == (
        2,
        "mash: --by: missing: who looks? A person's id from the register is needed; say --by PERSON, or set MASH_ACTOR",
    )
    for stranger in ("police-pr-01", "nobody"):
        ran = mash("summary", home, ID, "--by", stranger)
        assert (ran.code, ran.error) == (
            1,
            "mash: the register holds no such person at hub: nothing was shown",
        )
    assert len(messages(home, "mash.northants.audit.v1")) == before


def test_the_environment_may_name_who_looks(mash: Any, home: Path, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--by` beats MASH_ACTOR."""
    mash("request", home, "--file", form(), "--request-id", ID)
    monkeypatch.setenv("MASH_ACTOR", "mm-01")
    assert mash("summary", home, ID).code == 3
    assert mash("summary", home, ID, "--by", "nobody").code == 1


def test_the_schema_of_the_form_needs_no_home(mash: Any) -> None:
    ran = mash("request", "--schema")
    assert (ran.code, ran.err) == (0, "")
    assert {"people", "rating", "agreements"} <= set(json.loads(ran.out)["properties"])
    assert mash("request").code == 2


def test_every_fault_of_a_file_is_a_line(mash: Any, home: Path, form: Form) -> None:
    ran = mash("request", home, "--file", form(mode=CANARY, section=CANARY, rating="PURPLE"))
    assert (ran.code, ran.out) == (2, "")
    for place in ("mode: unknown word; allowed: EXISTENCE", "section: unknown word; allowed: S46", "rating: unknown"):
        assert sum(place in line for line in ran.err.splitlines()) == 1
    assert CANARY not in ran.err
