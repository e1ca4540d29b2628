"""Every check in the code is met by a vector: each line that refuses is run by reading one. No list of them is kept."""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from broker.adapters.sql import SqlDatabase
from broker.errors import MashError
from broker.exchange import journal as journal_store
from tests.contract_text import ROOT
from tests.vectors import (
    test_directory_vectors,
    test_envelope_vectors,
    test_folder_vectors,
    test_kind_vectors,
    test_roots_vectors,
)

CHECKED = (
    *("broker/exchange/parse.py", "broker/exchange/verify.py", "broker/exchange/envelope.py"),
    *("broker/exchange/directory.py", "broker/exchange/directory_form.py", "broker/exchange/directory_source.py"),
    *("broker/exchange/possession.py", "broker/exchange/roots.py"),
    *("broker/holder/receive.py", "broker/holder/evidence.py", "consumers/audit/intake.py"),
    *("broker/bootstrap/gate_tables.py", "schemas/codec.py", "schemas/scalars.py", "schemas/request.py"),
    "schemas/family.py",
)
REFUSALS = {"RejectedError", "MalformedError", "ValueError", "UsageError", "UnavailableError"}
NOT_BY_A_MESSAGE = {
    "_iso": "a date written as text: the form of a request, never the wire",
    "check": "the same",
    "_utc_milliseconds": "the wire has no zone and nothing finer than a millisecond",
    "__call__": "a word that is written: a reader takes any (CODEC-8)",
    "decode_part": "for whoever holds one part alone",
    "_first": "a folder without a directory, or with older ones only: no single file is refused",
    "_trust": "a file that cannot be read",
    "_taken_up": "roots that were taken up once and are others now: a folder and a journal, not one file",
    "_roots_after": "roots that were taken up once and are gone: the same",
}
"""Functions of those files whose refusals no vector can show, and why."""


def refusals(path: str) -> Iterator[tuple[str, int]]:
    """Give each line of a file on which it raises a refusal."""
    for function in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if not isinstance(function, ast.FunctionDef) or function.name in NOT_BY_A_MESSAGE:
            continue
        for node in ast.walk(function):
            fault = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(fault, ast.Call) and getattr(fault.func, "id", None) in REFUSALS:
                yield path, node.lineno


@contextmanager
def lines_run() -> Iterator[set[tuple[str, int]]]:
    """Collect which lines of the checked files run."""
    files = {str(ROOT / path): path for path in CHECKED}
    ran: set[tuple[str, int]] = set()

    def local(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        ran.add((files[frame.f_code.co_filename], frame.f_lineno))
        return local

    def enter(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        return local if frame.f_code.co_filename in files else None

    before = sys.gettrace()
    sys.settrace(enter)
    threading.settrace(enter)
    try:
        yield ran
    finally:
        sys.settrace(before)
        threading.settrace(None)  # type: ignore[arg-type]


@pytest.mark.timeout(300)
def test_each_line_that_refuses_is_run_by_a_vector(tmp_path: Path) -> None:
    with lines_run() as ran:
        for number, reading in enumerate(readings()):
            folder = tmp_path / str(number)
            folder.mkdir()
            database = SqlDatabase.open(folder / "journal.sqlite", schema=journal_store.SCHEMA)
            with suppress(MashError):
                reading(folder, database)
            database.close()
    wanted = {one for path in CHECKED for one in refusals(path)}
    assert len(wanted) > 40
    assert sorted(wanted - ran) == []


def readings() -> Iterator[Callable[[Path, Any], Any]]:
    """Give each vector's reading, in a folder and over a journal of its own."""
    for case in test_envelope_vectors.CASES:
        yield lambda _, database, case=case: envelope(case, database)
    for case in test_kind_vectors.CASES:
        yield lambda _, database, case=case: test_kind_vectors.read_all(case, database)
    for case in test_directory_vectors.CASES:
        yield lambda folder, database, case=case: test_directory_vectors.read(case)
    for case in test_roots_vectors.CASES:
        yield lambda folder, database, case=case: test_roots_vectors.read(case)
    for case in test_folder_vectors.CASES:
        yield lambda folder, database, case=case: test_folder_vectors.read(case, folder / "public", database)


def envelope(case: dict[str, Any], database: Any) -> None:
    verifier = test_envelope_vectors.reader(case, database)
    for stored in case["messages"]:
        test_envelope_vectors.read(verifier, case, stored)
