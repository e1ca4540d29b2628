"""Every vector of a public folder comes to what it expects, from the stored files alone."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.crypto import Mash1Crypto
from broker.adapters.sql import SqlDatabase
from broker.bootstrap.gate_tables import GateTables
from broker.errors import RejectedError, UnavailableError, UsageError
from broker.exchange import journal as journal_store
from broker.exchange.directory_source import DirectorySource
from broker.exchange.journal import Journal
from broker.ports import Database
from tests.contract_text import TEXT
from tests.vectors.test_envelope_vectors import HERE, PARTNERSHIP

CASES = [json.loads(path.read_text("utf-8")) for path in sorted((HERE / "folders").glob("*.json"))]
FAULTS = {"DOES_NOT_START": UsageError, "DECIDES_NOTHING": UnavailableError}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = SqlDatabase.open(tmp_path / "journal.sqlite", schema=journal_store.SCHEMA)
    yield opened
    opened.close()


def read(case: dict[str, Any], folder: Path, database: Database) -> None:
    """Read a case's folder, and ask it for what the case asks. Raises: MashError."""
    folder.mkdir()
    _put(case["files"], folder)
    source = DirectorySource(
        folder,
        partnership=PARTNERSHIP["partnership"],
        roots={name: bytes.fromhex(key) for name, key in PARTNERSHIP["roots"].items()},
        minimum_version=1,
        journal=Journal(database),
        crypto=Mash1Crypto(),
        clock=lambda: datetime.fromisoformat(case["now"]),
        alarm=lambda reason: None,
    )
    tables = GateTables(source)
    _put(case["later"], folder)
    match case["asks"]:
        case "REGISTER":
            source.register()
        case "TABLES":
            tables.current()
        case "DIRECTORY":
            source.current()


def _put(files: dict[str, str], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(b64decode(content))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector_comes_to_what_it_expects(case: dict[str, Any], tmp_path: Path, database: Database) -> None:
    if case["expect"] == "ACCEPT":
        read(case, tmp_path / "public", database)
        return
    with pytest.raises(FAULTS.get(case["expect"], RejectedError)) as refused:
        read(case, tmp_path / "public", database)
    assert case["expect"] in {getattr(refused.value, "reason", case["expect"])}


def test_every_word_has_a_vector() -> None:
    """DIR-7, DIR-15 to DIR-18."""
    words = {case["expect"] for case in CASES}
    assert words == {"ACCEPT", "DIRECTORY_MISNAMED", "REGISTER_MISMATCH", *FAULTS}
    assert all(f"`{word}`" in TEXT for word in words - {"ACCEPT"})


def test_every_vector_says_why() -> None:
    assert all(case["why"].strip() for case in CASES)
