"""The embedded log's file: private, synced, refused when it is not what it should be."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from broker.adapters.embedded import EmbeddedLog, schema
from broker.errors import RejectedError, UnavailableError


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def overwrite(path: Path, *, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * length)


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def alter(path: Path, statement: str) -> bytes:
    """Run a statement in somebody else's way, and return what the file then holds."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)
    return path.read_bytes()


async def test_every_file_is_for_its_owner_alone_whatever_the_umask(bench):
    before = os.umask(0)
    try:
        await bench.make()
    finally:
        os.umask(before)
    names = ["log.sqlite", "log.sqlite-wal", "log.sqlite-shm", "log.sqlite-lock"]
    assert modes(bench.path.parent) == dict.fromkeys(names, 0o600)


def test_a_commit_is_synced_to_the_disk(tmp_path):
    with closing(schema.open_database(tmp_path / "log.sqlite")) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_file_of_another_kind_is_refused_and_left_as_it_was(bench):
    content = b"not a database at all" * 400
    bench.path.write_bytes(content)
    with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
        await bench.make()
    assert bench.path.read_bytes() == content


async def test_the_database_of_another_program_is_refused_and_left_as_it_was(bench):
    content = alter(bench.path, "CREATE TABLE theirs (anything TEXT)")
    with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
        await bench.make()
    assert bench.path.read_bytes() == content


async def test_a_log_of_a_later_version_is_refused(bench):
    log = await bench.make()
    await log.close()
    alter(bench.path, "PRAGMA user_version = 2")
    with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
        await bench.open().partitions("work")


async def test_a_truncated_file_is_found_at_opening(bench):
    log = await bench.make()
    await bench.publish(log, bytes(50_000))
    await log.close()
    cut_in_half(bench.path)
    with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
        await bench.open().partitions("work")


async def test_damage_inside_the_file_is_found_where_it_is_read(bench):
    log = await bench.make()
    await bench.publish(log, *(b"%d " % number + bytes(300) for number in range(500)))
    await log.close()
    overwrite(bench.path, start=10 * 4096, length=20 * 4096)
    with pytest.raises(RejectedError, match="DATABASE_DAMAGED"):
        await bench.values(bench.open())


async def test_a_folder_that_is_away_is_unavailable_until_it_is_there(tmp_path):
    folder = tmp_path / "later"
    log = EmbeddedLog(folder / "log.sqlite")
    with pytest.raises(UnavailableError):
        await log.create_topics({"work": 1})
    os.mkdir(folder)
    await log.create_topics({"work": 1})
    assert await log.partitions("work") == 1
    await log.close()


async def test_offsets_of_deleted_messages_are_not_used_again(bench):
    log = await bench.make()
    await bench.publish(log, b"1", b"2", b"3")
    alter(bench.path, "DELETE FROM messages")
    await bench.publish(log, b"4")
    [message] = await log.read("out", 0, offset=0, most=9, wait=bench.long)
    assert (message.place.offset, message.value) == (3, b"4")
