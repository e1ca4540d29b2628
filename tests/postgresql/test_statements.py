"""A real PostgreSQL makes every table and prepares every statement: it parses them, and knows their tables and types.

The server's single-user mode reads them from a pipe: no port, no driver. It stands for an adapter that is not here yet.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.postgresql.statements import statements
from tests.skipped import ALL_REQUIRED, ON_POSTGRESQL

TYPES = {"BLOB": "BYTEA", "INTEGER": "BIGINT"}
"""SQLite's words for bytes and for 64 bits, in PostgreSQL's."""

Refused = Callable[[Mapping[str, str]], dict[str, str]]


class Server:
    """A cluster of its own in a folder of its own. PostgreSQL refuses to run as root: there it runs as `postgres`."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._data = folder / "data"
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(folder, self._user)
        made = self._run("initdb", "--no-sync", "--encoding=UTF8", "--locale=C", "--auth=trust", "-D", str(self._data))
        assert made.returncode == 0, made.stderr

    def run(self, *sql: str) -> str:
        """Run these statements, each whether or not the one before it failed; return all that was said."""
        text = "".join(f"{' '.join(one.split())};\n" for one in sql)
        done = self._run("postgres", "--single", "-D", str(self._data), "postgres", stdin=text)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def _run(self, program: str, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(self._programs / program), *words]
        return subprocess.run(
            command, input=stdin, cwd="/", user=self._user, capture_output=True, text=True, check=False, timeout=110
        )


def programs() -> Path | None:
    """Where PostgreSQL's programs are; Debian keeps them off the path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with every table of the product."""
    folder = programs()
    if folder is None and not ALL_REQUIRED:
        pytest.skip(ON_POSTGRESQL)
    assert folder is not None
    with tempfile.TemporaryDirectory() as cluster:
        made = Server(folder, Path(cluster))
        tables = [text for text in statements().values() if text.startswith("CREATE")]
        assert len(tables) > 30
        said = made.run(*(re.sub(r"\b(BLOB|INTEGER)\b", lambda word: TYPES[word[0]], text) for text in tables))
        assert not re.search("ERROR|NOTICE", said), said  # a notice: two modules make a table of one name
        yield made


def prepared(name: str, sql: str) -> str:
    """A statement that prepares another: each named parameter becomes one numbered one, as in any driver."""
    names = list(dict.fromkeys(re.findall(r":([a-z_]\w*)", sql)))
    numbered = re.sub(r":([a-z_]\w*)", lambda word: f"${names.index(word[1]) + 1}", sql)
    return f"PREPARE {name} AS {numbered}"


@pytest.fixture(scope="module")
def refused(server: Server) -> Refused:
    """Which statements cannot be prepared, and all that was said."""

    def ask(asked: Mapping[str, str]) -> dict[str, str]:
        names = {f"statement_{number}_": where for number, where in enumerate(asked)}
        said = server.run(
            *(prepared(name, asked[where]) for name, where in names.items()),
            "SELECT name FROM pg_prepared_statements",
        )
        return {where: said for name, where in names.items() if f'name = "{name}"' not in said}

    return ask


def test_every_statement_is_one_of_postgresql_too(refused: Refused) -> None:
    asked = {where: text for where, text in statements().items() if not text.startswith("CREATE")}
    assert len(asked) > 60
    assert refused(asked) == {}


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT OR REPLACE INTO systems (system, imported_at) VALUES (:system, :imported_at)",
        "SELECT ifnull(max(version), 0) FROM announced",
        "SELECT rowid FROM records",
        "SELECT system, max(imported_at) FROM systems",
        "SELECT 1 FROM files WHERE file_id = :digest AND digest = :digest",
        "PRAGMA foreign_key_check",
    ],
)
def test_statement_of_sqlite_alone_is_refused(refused: Refused, sql: str) -> None:
    """Otherwise the test above shows nothing."""
    assert list(refused({"here": sql})) == ["here"]
