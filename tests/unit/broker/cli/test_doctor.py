"""`mash doctor`: each thing that can be wrong is found, named with what to do, and exit 1; a sound HOME is 0."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.application.create import make_home
from broker.application.diagnosis import principal as examine
from broker.application.diagnosis.principal import Patience
from broker.bootstrap.principal import open_principal, utc_now
from broker.exchange.journal import JournalEntry
from broker.exchange.outbox import Outbox
from broker.partnership.enrolment import Plan, create_home
from broker.partnership.home import open_home
from broker.partnership.hub import open_hub
from broker.partnership.process_files import write_whole
from broker.partnership.profile import load_profile
from broker.ports import CommittedOffset, LogOffset, Outgoing

Form = Callable[..., Path]
TOPIC = "mash.northants.requests.police.v1"


def whats(ran: Any) -> str:
    """All findings, joined."""
    assert ran.code == 1
    assert ran.document["ok"] is False
    assert all(set(one) == {"what", "do"} and one["do"] for one in ran.document["findings"])
    return "\n".join(one["what"] for one in ran.document["findings"])


def test_nothing_is_wrong_with_a_new_home(mash: Any, tmp_path: Path) -> None:
    make_home(tmp_path / "h", profile="northamptonshire", organisations=["police=POLICE"], review=[])
    ran = mash("doctor", tmp_path / "h", "--json")
    assert ran.code == 0
    assert ran.document == {"ok": True, "findings": []}
    assert "nothing is wrong" in mash("doctor", tmp_path / "h").out


@pytest.mark.parametrize("place", ["police", "police/keys", "police/keys/signing.seed", "log.sqlite"])
def test_what_others_could_read_is_named(mash: Any, home: Path, place: str) -> None:
    (home / place).chmod(0o755)
    assert f"{place} is open to others (mode 0755)" in whats(mash("doctor", home, "--json"))


def test_a_missing_keys_folder_is_named(mash: Any, home: Path) -> None:
    for path in (home / "police" / "keys").iterdir():
        path.unlink()
    (home / "police" / "keys").rmdir()
    assert "police/keys is missing" in whats(mash("doctor", home, "--json"))


def test_keys_that_the_directory_does_not_name_are_found(mash: Any, home: Path) -> None:
    """Somebody restored another principal's key."""
    key = (home / "hub" / "keys" / "signing.seed").read_bytes()
    (home / "police" / "keys" / "signing.seed").write_bytes(key)
    assert "police cannot start" in whats(mash("doctor", home, "--json"))


def test_a_lost_key_epoch_is_found(mash: Any, home: Path) -> None:
    epoch = max((home / "police" / "keys").glob("kem-*.seed"))
    epoch.unlink()
    assert "police lacks 1 transport keys" in whats(mash("doctor", home, "--json"))


def _old_home(path: Path, *, days: int) -> Path:
    loaded = load_profile("northamptonshire")
    profile = loaded.profile
    review = {"police": dict(profile.review)}
    organisations = {"police": profile.organisations["police"]}
    plan = Plan(profile=profile, files=loaded.files, organisations=organisations, review=review)
    create_home(path, plan, now=datetime.now(UTC).replace(microsecond=0) - timedelta(days=days))
    return path


def test_an_expired_directory_is_found(mash: Any, tmp_path: Path) -> None:
    found = whats(mash("doctor", _old_home(tmp_path / "h", days=8), "--json"))
    assert "the directory (version 1) expired at" in found


def test_a_directory_about_to_expire_is_found(mash: Any, tmp_path: Path) -> None:
    assert "the directory expires at" in whats(mash("doctor", _old_home(tmp_path / "h", days=6), "--json"))


def test_a_directory_that_is_due_and_cannot_be_renewed_from_here_is_found(mash: Any, tmp_path: Path) -> None:
    """The hub's folder alone: whose keys are elsewhere, and what they do. Before it is due that is no finding."""
    for days, due in ((0, False), (5, True)):
        home = _old_home(tmp_path / f"{days}" / "h", days=days)
        shutil.rmtree(home / "police")
        found = whats(mash("doctor", home, "--json"))
        assert ("not renewed from here: ROOT_OUT_OF_REACH (police)" in found) == due
        assert ("not renewed from here: EPOCH_OUT_OF_REACH (police)" in found) == due


def test_epochs_that_ran_out_are_found(mash: Any, tmp_path: Path) -> None:
    assert "police has no transport key for this week" in whats(
        mash("doctor", _old_home(tmp_path / "h", days=22), "--json")
    )


def test_missing_topics_are_found(mash: Any, tmp_path: Path) -> None:
    found = whats(mash("doctor", _old_home(tmp_path / "h", days=0), "--json"))
    assert f"topic {TOPIC}: UNKNOWN_TOPIC" in found


def test_requests_that_nobody_works_on_are_found(mash: Any, home: Path, form: Form) -> None:
    mash("request", home, "--file", form())
    assert "1 requests to police wait for its agent" in whats(mash("doctor", home, "--json"))


def test_what_the_hub_could_not_publish_is_found(mash: Any, home: Path) -> None:
    async def store() -> None:
        async with open_hub(open_home(home)) as hub:
            outbox: Outbox = hub.requester.outbox
            with hub.requester.database.transaction() as transaction:
                sequence = outbox.take_sequence(transaction)
                outbox.put(transaction, sequence, [Outgoing(topic=TOPIC, key=b"k", value=b"v")])

    asyncio.run(store())
    assert "1 things the hub said are not published yet" in whats(mash("doctor", home, "--json"))


def test_an_expired_policy_document_is_found(mash: Any, home: Path) -> None:
    config = home / "police" / "config.toml"
    lines = [line for line in config.read_text().splitlines() if not line.startswith("apd_valid")]
    config.write_text("\n".join([*lines, "apd_valid_until = 2020-01-01T00:00:00Z"]))
    assert "police has no appropriate policy document in force" in whats(mash("doctor", home, "--json"))


def _said(home: Path, *, reason: str | None) -> None:
    principal = open_principal(home / "police")
    place = LogOffset(topic=TOPIC, partition=0, offset=7)
    try:
        principal.journal.count_attempt([place], now=principal.clock())
        said = JournalEntry(
            place=place, event_id="e", answer_id=None, answer_digest=None, stream="s", sequence=1, reason=reason
        )
        principal.journal.record_outcome([said])
        if reason:
            principal.journal.mark_recorded(["e"])
    finally:
        principal.close()


def test_messages_quarantined_are_counted_by_reason(mash: Any, home: Path) -> None:
    _said(home, reason="BAD_SIGNATURE")
    assert "police quarantined 1 messages: BAD_SIGNATURE" in whats(mash("doctor", home, "--json"))


def test_what_no_checkpoint_covers_is_found(mash: Any, home: Path) -> None:
    _said(home, reason=None)
    found = whats(mash("doctor", home, "--json"))
    assert "NOT_RECORDED: police said 1 things that no checkpoint of the ledger covers" in found


def test_a_checkpoint_that_is_on_its_way_is_waited_for(home: Path) -> None:
    """While all runs, an answer of a moment ago is no finding; one of a minute ago is."""
    _said(home, reason=None)
    principal = open_principal(home / "police")
    later = replace(principal, clock=lambda: utc_now() + timedelta(seconds=61))
    try:
        assert list(examine.examine(principal, Patience.WHILE_RUNNING)) == []
        assert [one.what[:12] for one in examine.examine(later, Patience.WHILE_RUNNING)] == ["NOT_RECORDED"]
    finally:
        principal.close()


def test_what_the_ledger_and_screening_refused_is_found(mash: Any, home: Path) -> None:
    mash("doctor", home)  # makes their stores
    with sqlite3.connect(home / "hub-screening" / "screening.sqlite") as database:
        database.execute("INSERT INTO screening_quarantined VALUES ('NOT_ASKED', 2)")
    database.close()
    with sqlite3.connect(home / "hub-audit" / "ledger.sqlite") as database:
        database.execute("INSERT INTO ledger_head VALUES ('x', 0, x'00', 3, 3, x'00')")
    database.close()
    found = whats(mash("doctor", home, "--json"))
    assert "hub-screening quarantined 2 messages: NOT_ASKED" in found
    assert "the ledger refused 3 messages" in found


def test_processes_that_are_down_are_found_where_the_others_run(mash: Any, home: Path) -> None:
    names = ["hub", "hub-audit", "hub-screening", "police", "school"]
    processes = {name: {"ready": name != "police", "pid": os.getpid(), "restarts": 4} for name in names}
    write_whole(home / "supervisor.json", {"pid": os.getpid(), "processes": processes})
    found = whats(mash("doctor", home, "--json"))
    assert "police is not ready" in found
    assert "school was started again 4 times" in found


def test_a_damaged_store_is_a_finding_not_an_end(mash: Any, home: Path) -> None:
    """The others are looked at all the same."""
    (home / "police" / "journal.sqlite").write_bytes(os.urandom(8192))
    (home / "school" / "keys" / "signing.seed").chmod(0o600)
    assert "police cannot start: DATABASE_DAMAGED" in whats(mash("doctor", home, "--json"))


def test_a_place_in_the_log_is_only_read(mash: Any, home: Path) -> None:
    """The doctor must not fence the agent that it looks at."""

    async def position() -> CommittedOffset:
        async with open_hub(open_home(home)) as hub:
            claim = await hub.log.claim(TOPIC, 0, group="police.requests")
            await asyncio.to_thread(mash, "doctor", home)
            await claim.publish([], position=CommittedOffset(offset=0))
            return await hub.log.committed(TOPIC, 0, group="police.requests")

    assert asyncio.run(position()) == CommittedOffset(offset=0)
