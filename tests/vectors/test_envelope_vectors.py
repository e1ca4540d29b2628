"""Every envelope vector comes to what it expects, from the stored files alone: no key or case is made here."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.crypto import FileOpener, FileRestKey, FileSigner, Mash1Crypto
from broker.adapters.sql import SqlDatabase
from broker.errors import RejectedError
from broker.exchange import journal as journal_store
from broker.exchange.directory import TrustedDirectory, trust
from broker.exchange.envelope import sha256
from broker.exchange.journal import Journal
from broker.exchange.keys import KeyRing
from broker.exchange.parse import parse
from broker.exchange.verify import Verified, Verifier
from broker.ports import Database, LogOffset, Message
from schemas.codec import MODELS
from schemas.vocabulary import Kind
from tests.contract_text import reasons

HERE = Path(__file__).parent
CASES = [json.loads(path.read_text("utf-8")) for path in sorted((HERE / "envelopes").glob("*.json"))]
PARTNERSHIP = json.loads((HERE / "partnership.json").read_text("utf-8"))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = SqlDatabase.open(tmp_path / "journal.sqlite", schema=journal_store.SCHEMA)
    yield opened
    opened.close()


def published() -> TrustedDirectory:
    return trust(
        b64decode(PARTNERSHIP["signed_directory"]),
        partnership=PARTNERSHIP["partnership"],
        roots={name: bytes.fromhex(key) for name, key in PARTNERSHIP["roots"].items()},
        seen=(0, None),
        crypto=Mash1Crypto(),
        now=datetime.fromisoformat(PARTNERSHIP["issued_at"]),
    )


def reader(case: dict[str, Any], database: Database) -> Verifier:
    trusted = published()
    name = case["reader"]
    opener = FileOpener(bytes.fromhex(PARTNERSHIP["kem_seeds"][name]))
    keys = KeyRing(
        principal=name,
        signer=FileSigner(bytes.fromhex(PARTNERSHIP["signing_seeds"][name])),
        openers={} if case["keys_destroyed"] else {sha256(opener.public_key): opener},
        rest=FileRestKey(bytes(32)),
        pseudonym=sha256,
        search=sha256,
    )
    known = {trusted.directory.version: trusted.digest}
    return Verifier(
        keys=keys,
        crypto=Mash1Crypto(),
        directory=lambda: trusted,
        known_version=known.get,
        replay=Journal(database),
    )


def message(stored: dict[str, Any]) -> Message:
    repeated = bytes([stored["repeated_byte"]]) * stored["times"] if "times" in stored else b""
    return Message(
        place=LogOffset(topic=stored["topic"], partition=stored["partition"], offset=stored["offset"]),
        key=stored["key"].encode(),
        value=repeated or b64decode(stored["value"]),
    )


def read(verifier: Verifier, case: dict[str, Any], stored: dict[str, Any]) -> Verified[Any]:
    record, now = MODELS[Kind(case["expects_kind"])], datetime.fromisoformat(case["now"])
    return verifier.verify(parse(message(stored)), record=record, now=now)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector_comes_to_what_it_expects(case: dict[str, Any], database: Database) -> None:
    verifier = reader(case, database)
    *earlier, last = case["messages"]
    for stored in earlier:
        read(verifier, case, stored)
    if case["expect"] == "ACCEPT":
        assert read(verifier, case, last).record.model_dump(mode="json") == case["opened"]
        return
    with pytest.raises(RejectedError) as refused:
        read(verifier, case, last)
    assert refused.value.reason == case["expect"]


def test_every_reason_has_a_vector() -> None:
    assert {case["expect"] for case in CASES} == {"ACCEPT", *reasons("VERIFY")}


def test_every_kind_has_a_vector_that_is_accepted() -> None:
    accepted = {case["expects_kind"] for case in CASES if case["expect"] == "ACCEPT"}
    assert accepted == {kind.value for kind in Kind}


def test_every_vector_says_why() -> None:
    assert all(case["why"].strip() for case in CASES)
    assert len({case["name"] for case in CASES}) == len(CASES)
