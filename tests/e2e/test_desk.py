"""The desk: where a person looks first, nothing leaves without one, whatever was found and whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.embedded import EmbeddedLog

EXAMPLE = Path(__file__).parents[2] / "agents" / "police" / "examples" / "testerton-family.json"
STRANGER = {
    "ref": "p1",
    "roles": ["SUBJECT_CHILD"],
    "given_names": ["Nobody"],
    "family_name": "Elsewhere",
    "date_of_birth": "2012-01-02",
}
KNOWN = STRANGER | {"given_names": ["Zephyrine"], "family_name": "Quillfeather", "date_of_birth": "2014-03-04"}
KNOWN |= {"identifiers": {"nhs": "9990000018"}}
STRANGER |= {"identifiers": {"nhs": "9990000034"}}
TWIN = STRANGER | {
    "given_names": ["Sasha"],
    "family_name": "Testerton",
    "date_of_birth": "2014-03-04",
    "identifiers": {},
}
SENDS = ("police", "council")
WRITTEN = {
    "type": "HOUSING_NOTE",
    "data_class": "ORDINARY",
    "kind": "FACT_RECORDED",
    "date": "2026-10-01",
    "precision": "DAY",
    "text": "Invented: rent is in arrears, and the door was broken twice.",
    "about": "p1",
    "source": "housing register",
    "source_ref": "H-1",
    "recorded_at": None,
    "third_party": False,
    "location": False,
    "statutory_bar": None,
    "dsar_hint": None,
    "onward": "MASH_ONLY",
}
LINE = {"id", "request_id", "reason", "rating", "band", "due_at"}


def messages_on(home: Path, topic: str) -> list[Any]:
    """Everything on a topic, as it lies there."""

    async def read() -> list[Any]:
        log = EmbeddedLog(home / "log.sqlite")
        try:
            name = f"mash.northants.{topic}.v1"
            partitions = range(await log.partitions(name))
            found = [await log.read(name, one, offset=0, most=1000, wait=timedelta(0)) for one in partitions]
            return [message for messages in found for message in messages]
        finally:
            await log.close()

    return asyncio.run(read())


def as_told(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs between any two."""
    return {
        key: value for key, value in answer.items() if key not in {"at", "received_at", "recorded", "answer_digest"}
    }


@dataclass
class Desks:
    """A partnership where a practitioner looks first, and what the tests do in it."""

    world: Any

    @property
    def home(self) -> Path:
        """Its HOME."""
        home = self.world.home
        assert isinstance(home, Path)
        return home

    def __call__(self, organisation: str, action: str, *words: object) -> Any:
        """One command at a desk; where nobody else is named, by its practitioner."""
        by = () if "--by" in words else ("--by", f"{organisation}-pr-01")
        return self.world.mash("desk", self.home, organisation, action, *words, *by, "--json")

    def waiting(self, organisation: str) -> dict[str, dict[str, Any]]:
        """What waits there, by request."""
        ran = self(organisation, "list")
        assert (ran.code, ran.err) == (0, "")
        return {item["request_id"]: item for item in ran.document["items"]}

    def send(self, *agencies: str, **changes: Any) -> str:
        """Ask, and do not wait; returns the request's id."""
        form = self.world.request("ask.json", agencies=list(agencies), **changes)
        ran = self.world.mash("request", self.home, "--file", form, "--json")
        assert ran.code == 0, ran.err
        found = ran.document["request_id"]
        assert isinstance(found, str)
        return found

    def ask(self, *agencies: str, **changes: Any) -> str:
        """Ask, and wait until it waits for a person at each of them; returns the request's id."""
        request_id = self.send(*agencies, **changes)
        self.until(lambda answer: answer["stage"] == "WITH_PERSON", request_id, *agencies)
        return request_id

    def until(self, holds: Callable[[dict[str, Any]], bool], request_id: str, *agencies: str) -> dict[str, Any]:
        """Wait until something holds of these organisations' answers as the hub sees them; return the last one's."""
        answers: dict[str, Any] = {}
        seen = -1

        def come() -> bool:
            nonlocal seen
            before, seen = seen, len(messages_on(self.home, "summaries.hub"))
            if before == seen:
                return False  # nothing new to look at
            answers.update(
                self.world.mash("summary", self.home, request_id, "--by", "mm-01", "--json").document["answers"]
            )
            return all(holds(answers[name]) for name in agencies)

        self.world.wait_until(come)
        found = answers[agencies[-1]]
        assert isinstance(found, dict)
        return found

    def answered(self, request_id: str, organisation: str) -> dict[str, Any]:
        """The final answer of one organisation."""
        return self.until(lambda answer: answer["status"] != "AWAITED", request_id, organisation)

    def release(self, organisation: str, request_id: str, *words: object) -> dict[str, Any]:
        """Release what waits for a request, and return the answer that comes of it."""
        item = self.waiting(organisation)[request_id]
        ran = self(organisation, "release", item["id"], "--by", f"{organisation}-pr-01", *words)
        assert ran.code == 0, ran.err
        assert ran.document["decided"] is True
        return self.answered(request_id, organisation)


def make(mash: Any, world_at: Callable[[Path], Any], folder: Path, *words: str) -> Desks:
    """A HOME with the canaries' child at the police; the council keeps no records here, and answers by hand."""
    home = folder / "home"
    orgs = ("--org", "police=POLICE", "--org", "council=HOUSING", "--by-hand", "council")
    assert mash("init", home, *orgs, *words).code == 0
    world = world_at(home)
    imported = mash("records", "import", home, "police", world.records(), "--json")
    assert imported.code == 0, imported
    return Desks(world)


@pytest.fixture(scope="module")
def desks(mash: Any, world_at: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    """A running partnership; at the transport police, who hold the example's twins, nobody looks first."""
    words = ("--org", "transport=POLICE", "--review", "before", "--review", "transport=none")
    made = make(mash, world_at, tmp_path_factory.mktemp("desks"), *words)
    assert mash("records", "import", made.home, "transport", EXAMPLE).code == 0
    with made.world.up(mash, made.home):
        yield made


def test_nothing_leaves_without_a_person_whatever_was_found(desks: Desks) -> None:
    """A child whom the police know and one whom nobody does look alike: to the hub, and to who watches the log."""
    known, unknown = desks.ask(*SENDS, people=[KNOWN]), desks.ask(*SENDS, people=[STRANGER])
    seen = []
    for request_id in (known, unknown):
        ran = desks.world.mash("summary", desks.home, request_id, "--by", "mm-01", "--json")
        assert (ran.code, ran.document["waiting_for"]) == (3, ["police", "council"])
        answers = ran.document["answers"]
        assert {(one["status"], one["stage"], one["revision"]) for one in answers.values()} == {
            ("AWAITED", "WITH_PERSON", 0)
        }
        for one in answers.values():
            assert (one["items"], one["match"]["certainty"], one["approved_by"]) == ([], "NONE", None)
        seen.append({name: as_told(one) for name, one in answers.items()})
    assert seen[0] == seen[1]
    for name in SENDS:
        for topic in (f"requests.{name}", f"answers.hub.{name}", f"desk.{name}"):
            sizes = [len(one.value) for one in messages_on(desks.home, topic) if one.key.decode() in (known, unknown)]
            assert len(sizes) == 2
            assert len(set(sizes)) == 1, topic
    drafts = [desks("police", "show", desks.waiting("police")[one]["id"]).document["draft"] for one in (known, unknown)]
    assert [draft["status"] for draft in drafts] == ["SUMMARY", "NO_TRACE"], "they do differ, for the practitioner"


def test_what_waits_outlives_every_process(mash: Any, world_at: Any, tmp_path: Path) -> None:
    """kill -9 of all of them with requests under way: each item waits still, once, and nobody was answered."""
    desks = make(mash, world_at, tmp_path, "--review", "before")
    world = desks.world
    with world.up(mash, desks.home) as process:
        asked = {desks.ask(*SENDS)}
        asked |= {desks.send(*SENDS), desks.send(*SENDS, people=[STRANGER])}
        pids = [process.pid, *(one["pid"] for one in world.status_file(desks.home)["processes"].values())]
        assert len(pids) == 6
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        mash.ended(process)
        world.wait_until(lambda: not any(world.is_alive(pid) for pid in pids))
    with world.up(mash, desks.home):
        for request_id in asked:
            desks.until(lambda answer: answer["stage"] == "WITH_PERSON", request_id, *SENDS)
        for name in SENDS:
            waiting = desks(name, "list").document["items"]
            assert sorted(item["request_id"] for item in waiting) == sorted(asked)
            given = [one.key.decode() for one in messages_on(desks.home, f"answers.hub.{name}")]
            assert sorted(given) == sorted(asked), "AWAITED, once each, and nothing after it"
        known = min(asked)  # the ids begin with the time: the first one asked
        assert desks.release("police", known)["items"], "and a decision is still taken"
        assert mash("ledger", "verify", desks.home, "--json").document["verified"] is True


def test_the_list_and_an_item_are_shown_as_the_contract_says(desks: Desks) -> None:
    request_id = desks.ask(*SENDS)
    for name, reason in (("police", "REVIEW"), ("council", "SOURCE")):
        listed = desks(name, "list")
        assert listed.code == 0
        assert set(listed.document) == {"items"}
        item = desks.waiting(name)[request_id]
        assert set(item) == LINE
        assert (item["reason"], item["rating"]) == (reason, "RED")
        assert item["due_at"].endswith("Z")
        shown = desks(name, "show", item["id"])
        assert shown.code == 0
        assert {key: shown.document[key] for key in LINE} == item
    draft = desks("police", "show", desks.waiting("police")[request_id]["id"]).document["draft"]
    assert draft["match"]["certainty"] == "AUTO"
    assert any(desks.world.canaries["marker"] in item["text"] for item in draft["items"])
    assert shown.document["draft"] is None, "nobody looked anything up for the council"


def test_nobody_but_its_own_practitioner_decides(desks: Desks) -> None:
    """Nothing is sent: not to the agent, not to the hub, and the item waits on."""
    request_id = desks.ask("police")
    item = desks.waiting("police")[request_id]
    topics = ("requests.police", "answers.hub.police", "desk.police", "audit")
    before = [len(messages_on(desks.home, topic)) for topic in topics]
    release, withhold = ("release", item["id"]), ("withhold", item["id"], "--ground", "NOT_RELEVANT")
    wrong = [(release, "council-pr-01"), (release, "mm-01"), (release, "nobody"), (withhold, "council-pr-01")]
    for action, person in wrong:
        ran = desks("police", *action, "--by", person)
        assert (ran.code, ran.out) == (1, ""), person
        assert len(ran.err.splitlines()) == 1
    assert [len(messages_on(desks.home, topic)) for topic in topics] == before
    assert desks.waiting("police")[request_id] == item


def test_a_release_leaves_out_what_the_practitioner_says(desks: Desks) -> None:
    """The item is not in the answer, the answer says that there is less, the account says why; once."""
    request_id = desks.ask("police")
    item = desks.waiting("police")[request_id]
    drafted = desks("police", "show", item["id"]).document["draft"]["items"]
    number = next(place for place, one in enumerate(drafted) if desks.world.canaries["marker"] in one["text"])
    answer = desks.release("police", request_id, "--leave-out", number, "--reason", "endangers a neighbour")
    assert (answer["status"], answer["approved_by"]) == ("PARTIAL", "police-pr-01")
    kept = [one for place, one in enumerate(drafted) if place != number]
    assert sorted(answer["items"], key=json.dumps) == sorted(kept, key=json.dumps)

    account = desks.world.mash(
        "records", "account", desks.home, "police", request_id, "--by", "police-pr-01", "--json"
    ).document
    left = [line for line in account["fields"] if line["reason"] == "LEFT_OUT_BY_PRACTITIONER"]
    assert [(line["released"], line["type"]) for line in left] == [(False, drafted[number]["type"])]
    assert len([line for line in account["fields"] if line["released"]]) == len(drafted) - 1

    again = desks("police", "release", item["id"], "--by", "police-pr-01")
    assert (again.code, again.out) == (2, "")
    assert request_id not in desks.waiting("police")


def test_a_practitioner_withholds_on_a_ground(desks: Desks) -> None:
    request_id = desks.ask("police")
    item = desks.waiting("police")[request_id]
    wrong = desks("police", "withhold", item["id"], "--by", "police-pr-01", "--ground", "BECAUSE")
    assert (wrong.code, wrong.out) == (2, "")
    assert all(word in wrong.err for word in ("NOT_RELEVANT", "SOURCE_PROTECTION", "PREJUDICE_INVESTIGATION"))
    assert "BECAUSE" not in wrong.err
    ran = desks("police", "withhold", item["id"], "--by", "police-pr-01", "--ground", "PREJUDICE_INVESTIGATION")
    assert ran.code == 0
    answer = desks.answered(request_id, "police")
    assert (answer["status"], answer["reason"]) == ("HELD_WITHHELD", "PREJUDICE_INVESTIGATION")
    assert (answer["items"], answer["approved_by"], answer["revision"]) == ([], "police-pr-01", 1)


def test_an_organisation_without_an_adapter_answers_by_hand(desks: Desks) -> None:
    """What its practitioner writes goes out as theirs; no items mean that nobody was found."""
    written = desks.world.folder / "items.json"
    written.write_text(json.dumps([WRITTEN]))
    request_id, none = desks.ask("council"), desks.ask("council")
    answer = desks.release("council", request_id, "--items", written)
    assert (answer["status"], answer["approved_by"]) == ("SUMMARY", "council-pr-01")
    (item,) = answer["items"]
    assert {key: item[key] for key in ("type", "text", "about", "date")} == {
        key: WRITTEN[key] for key in ("type", "text", "about", "date")
    }
    assert desks.release("council", none)["status"] == "NO_TRACE"


def test_items_that_are_none_are_refused_before_anything_is_sent(desks: Desks) -> None:
    request_id = desks.ask("council")
    item = desks.waiting("council")[request_id]
    before = len(messages_on(desks.home, "requests.council"))
    for number, wrong in enumerate(("[{}]", "not json", json.dumps([WRITTEN | {"data_class": "SECRET"}]))):
        written = desks.world.folder / f"wrong-{number}.json"
        written.write_text(wrong)
        ran = desks("council", "release", item["id"], "--by", "council-pr-01", "--items", written)
        assert (ran.code, ran.out) == (2, "")
    assert len(messages_on(desks.home, "requests.council")) == before


def test_a_practitioner_chooses_which_of_two_it_is(desks: Desks) -> None:
    """Uncertain at first; what is held about the one chosen follows as the next revision, and says CHOSEN."""
    request_id = desks.send("transport", people=[TWIN])
    first = desks.answered(request_id, "transport")
    assert (first["status"], first["items"]) == ("MATCH_UNCERTAIN", [])
    item = desks.waiting("transport")[request_id]
    assert item["reason"] == "MATCH"
    candidates = desks("transport", "show", item["id"]).document["candidates"]
    assert len(candidates) == 2
    wrong = desks("transport", "release", item["id"], "--by", "transport-pr-01", "--person", "somebody")
    assert (wrong.code, wrong.out) == (2, "")
    chosen = desks("transport", "release", item["id"], "--by", "transport-pr-01", "--person", candidates[0])
    assert chosen.code == 0, chosen.err
    answer = desks.until(lambda one: one["revision"] == 2, request_id, "transport")
    assert (answer["match"]["certainty"], answer["match"]["method"]) == ("REVIEW", "CHOSEN")
    assert answer["approved_by"] == "transport-pr-01"
    assert request_id not in desks.waiting("transport")


def test_the_ledger_holds_every_decision(desks: Desks) -> None:
    """Each decision adds its events to what is recorded, and all of it is in order."""
    request_id = desks.ask("police")
    before = desks.world.mash("ledger", "verify", desks.home, "--json").document
    assert before["verified"] is True
    answer = desks.release("police", request_id)
    assert answer["status"] == "SUMMARY"
    desks.until(lambda one: bool(one["recorded"]), request_id, "police")
    after = desks.world.mash("ledger", "verify", desks.home, "--json")
    assert (after.code, after.document["verified"], after.document["problems"]) == (0, True, [])
    assert after.document["size"] > before["size"]
    assert after.document["root"] != before["root"]
