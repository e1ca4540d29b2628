"""A log file that an older program made is opened as it is, and by both from then on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from broker.adapters.embedded import EmbeddedLog, schema
from broker.exchange.trace import begun
from broker.ports import CommittedOffset, Outgoing

TRACE = begun()
WITHOUT = schema._TABLES.replace("    trace TEXT NOT NULL DEFAULT '',\n", "")


@pytest.fixture
def old(tmp_path):
    """A file from before messages had a trace, with one message in it."""
    path = tmp_path / "log.sqlite"
    assert WITHOUT != schema._TABLES
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(WITHOUT % schema._IDENTITY)
        connection.execute("INSERT INTO heads (topic, partition, next_offset) VALUES ('work', 0, 1)")
        connection.execute("INSERT INTO messages (head, offset, key, value) VALUES (1, 0, x'6b', x'76')")
    return path


async def test_an_older_file_is_opened_and_written_on(old):
    log = EmbeddedLog(old)
    try:
        claim = await log.claim("work", await log.wait_for_assignment("work", group="g"), group="g")
        await claim.publish(
            [Outgoing(topic="work", key=b"k", value=b"new", trace=TRACE)], position=CommittedOffset(offset=0)
        )
        found = await log.read("work", 0, offset=0, most=9, wait=timedelta(0))
    finally:
        await log.close()
    assert [(one.value, one.trace) for one in found] == [(b"v", ""), (b"new", TRACE)]


async def test_an_older_program_goes_on_writing_to_the_newer_file(old):
    log = EmbeddedLog(old)
    try:
        assert await log.end("work", 0) == 1
        with closing(sqlite3.connect(old, isolation_level=None)) as connection:
            connection.execute("INSERT INTO messages (head, offset, key, value) VALUES (1, 1, x'6b', x'77')")
        found = await log.read("work", 0, offset=1, most=9, wait=timedelta(0))
    finally:
        await log.close()
    assert [(one.value, one.trace) for one in found] == [(b"w", "")]
