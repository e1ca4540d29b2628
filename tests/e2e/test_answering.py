"""From a request to a recorded answer, with everything running as it does in earnest."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.embedded import EmbeddedLog

IDS = [f"01a202ba-3fba-7fab-b007-09e98019{number:04x}" for number in range(16)]
ANSWER_KEYS = {
    "status", "stage", "reason", "late", "revision", "at", "recorded", "approved_by", "data_as_at", "decision",
    "match", "matches", "items", "systems_searched", "gaps", "professional",
}  # fmt: skip
DOCUMENT_KEYS = {
    "request_id", "case_ref", "rating", "band", "due_at", "complete", "waiting_for", "hub_decision", "answers",
    "chronology", "risk_factors", "protective_factors",
}  # fmt: skip


def keys_on(home: Path, topic: str) -> list[str]:
    """The keys of everything on a topic."""

    async def read() -> list[str]:
        log = EmbeddedLog(home / "log.sqlite")
        try:
            partitions = range(await log.partitions(topic))
            found = [await log.read(topic, one, offset=0, most=1000, wait=timedelta(0)) for one in partitions]
            return [message.key.decode() for messages in found for message in messages]
        finally:
            await log.close()

    return asyncio.run(read())


def test_a_red_request_is_answered_recorded_and_accounted_for(live: Any) -> None:
    """The whole path, and every document that its commands print."""
    ran = live.mash("request", live.home, "--file", live.request(), "--request-id", IDS[0], "--wait", "--json")
    assert ran.code == 0, ran.err
    assert ran.err.splitlines() == [IDS[0]]
    document = ran.document
    assert set(document) >= DOCUMENT_KEYS
    assert (document["request_id"], document["complete"], document["waiting_for"]) == (IDS[0], True, [])
    answer = document["answers"]["police"]
    assert set(answer) >= ANSWER_KEYS
    assert (answer["status"], answer["recorded"], answer["late"]) == ("SUMMARY", True, False)
    assert answer["match"]["certainty"] == "AUTO"
    assert any(live.canaries["marker"] in item["text"] for item in answer["items"])
    assert all(
        set(item) >= {"type", "data_class", "kind", "date", "precision", "text", "about", "source"}
        for item in answer["items"]
    )
    assert document["chronology"]

    again = live.mash("summary", live.home, IDS[0], "--by", "mm-01", "--json")
    assert (again.code, again.err) == (0, "")
    assert again.document["answers"] == document["answers"]

    account = live.mash("records", "account", live.home, "police", IDS[0], "--by", "police-pr-01", "--json")
    assert account.code == 0
    assert any(not line["released"] and line["reason"] for line in account.document["fields"])

    ledger = live.mash("ledger", "verify", live.home, "--json")
    assert (ledger.code, ledger.document["verified"], ledger.document["problems"]) == (0, True, [])


def test_the_same_id_prints_the_existing_result(live: Any) -> None:
    first = live.mash("request", live.home, "--file", live.request(), "--request-id", IDS[1], "--wait", "--json")
    again = live.mash("request", live.home, "--file", live.request(), "--request-id", IDS[1], "--wait", "--json")
    assert (first.code, again.code) == (0, 0)
    assert again.document["answers"] == first.document["answers"]
    assert keys_on(live.home, "mash.northants.answers.hub.police.v1").count(IDS[1]) == 1


def test_what_waits_for_a_person_is_3_and_shows_the_rest(live: Any) -> None:
    """Housing answers by hand: a person there must answer."""
    form = live.request("both.json", agencies=["police", "housing"])
    ran = live.mash("request", live.home, "--file", form, "--request-id", IDS[2], "--wait", "--timeout", "3", "--json")
    assert ran.code == 3
    document = ran.document
    assert (document["complete"], document["waiting_for"]) == (False, ["housing"])
    assert document["answers"]["police"]["items"]
    housing = document["answers"]["housing"]
    assert (housing["status"], housing["stage"], housing["revision"]) == ("AWAITED", "WITH_PERSON", 0)
    assert live.mash("summary", live.home, IDS[2], "--by", "mm-01", "--json").code == 3


def test_a_child_whom_nobody_knows_is_no_trace(live: Any) -> None:
    people = [
        {
            "ref": "p1",
            "roles": ["SUBJECT_CHILD"],
            "given_names": ["Nobody"],
            "family_name": "Elsewhere",
            "date_of_birth": "2012-01-02",
        }
    ]
    form = live.request("nobody.json", people=people)
    ran = live.mash("request", live.home, "--file", form, "--wait", "--json")
    assert ran.code == 0
    assert ran.document["answers"]["police"]["status"] == "NO_TRACE"


def test_every_answer_is_given_once_though_the_agent_is_killed(live: Any) -> None:
    """kill -9 while requests come in: restarted, and nothing lost or doubled."""
    ids = IDS[4:7]
    asking = [
        live.mash.start("request", live.home, "--file", live.request(), "--request-id", one, "--json") for one in ids
    ]
    before = live.status_file(live.home)["processes"]["police"]
    live.wait_until(lambda: asking[0].poll() is not None)
    os.kill(before["pid"], signal.SIGKILL)
    assert [live.mash.ended(one).code for one in asking] == [0, 0, 0]

    def back() -> bool:
        now = live.status_file(live.home)["processes"]["police"]
        return now["ready"] and now["pid"] != before["pid"]

    live.wait_until(back)
    for one in ids:
        ran = live.mash("request", live.home, "--file", live.request(), "--request-id", one, "--wait", "--json")
        assert ran.code == 0
        assert ran.document["answers"]["police"]["status"] == "SUMMARY"
    answered = keys_on(live.home, "mash.northants.answers.hub.police.v1")
    assert [answered.count(one) for one in ids] == [1, 1, 1]
    status = live.mash("status", live.home, "--json")
    assert status.code == 0
    assert status.document["processes"]["police"]["restarts"] == before["restarts"] + 1
    assert live.mash("ledger", "verify", live.home, "--json").document["verified"] is True


def test_the_doctor_finds_nothing_wrong_with_it(live: Any) -> None:
    ran = live.mash("doctor", live.home, "--json")
    assert (ran.code, ran.document) == (0, {"ok": True, "findings": []})


def test_a_second_up_of_one_home_is_refused(live: Any) -> None:
    ran = live.mash("up", live.home)
    assert (ran.code, ran.out) == (2, "")
    assert "runs already" in ran.err
    assert live.mash("status", live.home).code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("summary", "HOME", IDS[15], "--by", "mm-01"),
        ("gate", "explain", "HOME", "--file", "REQUEST", "--as", "fire"),
        ("run", "HOME/nobody"),
        ("nonsense",),
    ],
)
def test_an_error_is_one_line_and_leaves_standard_output_empty(live: Any, words: tuple[str, ...]) -> None:
    filled = [word.replace("HOME", str(live.home)).replace("REQUEST", str(live.request())) for word in words]
    ran = live.mash(*filled)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1


def test_no_value_of_a_record_or_request_stands_anywhere_else(live: Any) -> None:
    """Not in a log line, a header, a topic name, an error, nor in any file but the holder's own record store."""
    ran = live.mash("request", live.home, "--file", live.request(), "--wait")  # for people: everything is shown
    assert all(value in ran.out for value in (live.canaries["marker"].split()[0], live.canaries["case"]))
    broken = live.request("broken.json", rating=live.canaries["narrative"])
    assert live.mash("request", live.home, "--file", broken).code == 2
    assert live.mash("records", "import", live.home, "police", broken).code == 1

    values = [value.encode() for value in live.canaries.values()]
    looked_at = 0
    for path in live.home.rglob("*"):
        if path.is_dir() or path.name.startswith("records.sqlite"):
            continue
        held = path.read_bytes()
        looked_at += 1
        assert [value for value in values if value in held] == [], path
    assert looked_at > 20
    said = "".join(live.mash.said)
    assert [value for value in live.canaries.values() if value in said] == []
    own = b"".join(path.read_bytes() for path in (live.home / "police").glob("records.sqlite*"))
    assert live.canaries["street"].encode() in own, "the canaries do live where they belong"
