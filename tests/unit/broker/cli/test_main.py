"""What went wrong becomes an exit code and one line; nothing of anybody's record is in it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from broker.cli import app, main
from broker.errors import (
    Fenced,
    FieldError,
    InvariantError,
    MashError,
    NotPermitted,
    OutcomeUnknown,
    RejectedError,
    UnavailableError,
    UsageError,
)

CANARY = "Quillfeather"


def _failing(monkeypatch: pytest.MonkeyPatch, fault: BaseException) -> None:
    def status(*_: object, **__: object) -> int:
        raise fault

    monkeypatch.setattr("broker.cli.commands.status.status", status)


@pytest.mark.parametrize(
    ("fault", "code", "line"),
    [
        (UsageError("file: wrong key"), 2, "mash: file: wrong key"),
        (RejectedError("DIRECTORY_UNSIGNED", "1 of 2"), 2, "mash: DIRECTORY_UNSIGNED: 1 of 2"),
        (UnavailableError("the log is away"), 3, "mash: the log is away"),
        (OutcomeUnknown("a commit was lost"), 3, "mash: a commit was lost"),
        (InvariantError("two heads"), 1, "mash: internal fault: two heads"),
        (Fenced("another instance"), 1, "mash: internal fault: another instance"),
        (PermissionError(13, "Permission denied", "config.toml"), 2, "mash: config.toml: permission denied"),
        (ExceptionGroup("tasks", [ValueError(CANARY), UsageError("one")]), 2, "mash: one"),
        (
            ExceptionGroup("outer", [ExceptionGroup("inner", [InvariantError("deep")])]),
            1,
            "mash: internal fault: deep",
        ),
    ],
)
def test_each_fault_has_its_exit_code_and_one_line(
    mash: Any, monkeypatch: pytest.MonkeyPatch, fault: BaseException, code: int, line: str
) -> None:
    _failing(monkeypatch, fault)
    ran = mash("status", "anywhere")
    assert (ran.code, ran.error) == (code, line)


def test_interruption_is_130(mash: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _failing(monkeypatch, KeyboardInterrupt())
    assert mash("status", "anywhere").code == 130


def test_every_deliberate_fault_has_an_exit_code() -> None:
    """A new branch of the error tree must not fall through to a traceback."""

    def tree(kind: type[MashError]) -> list[type[MashError]]:
        return [kind, *(leaf for one in kind.__subclasses__() for leaf in tree(one))]

    for kind in tree(MashError):
        words = ("something", "is wrong") if kind in {FieldError, NotPermitted} else ("SOMETHING",)
        assert main._explain(kind(*words)) in {1, 2, 3}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["stauts", CANARY],
        [CANARY],
        ["status"],
        ["status", "home", CANARY],
        ["status", "home", f"--name={CANARY}"],
        ["request", "home", "--file", "f", "--timeout", CANARY],
        ["request", "home", "--file", "f", "--timeout", "-1"],
        ["records", "import", "home"],
        ["ledger", "verify"],
    ],
)
def test_wrong_usage_is_one_line_without_the_words_that_were_typed(mash: Any, words: list[str]) -> None:
    """Somebody may have typed a name."""
    ran = mash(*words)
    assert ran.code == 2
    assert CANARY not in ran.error


def test_help_is_no_error(mash: Any) -> None:
    ran = mash("--help")
    assert ran.code == 0
    assert "records" in ran.out
    assert ran.err == ""


def test_every_command_that_prints_has_json() -> None:
    """Everything that prints for people prints for programs too; `run` prints nothing."""
    import typer

    def leaves(command: Any, name: str) -> dict[str, Any]:
        if hasattr(command, "commands"):
            return {k: v for one, sub in command.commands.items() for k, v in leaves(sub, f"{name} {one}").items()}
        return {name: command}

    found = leaves(typer.main.get_command(app.app), "mash")
    without = {name for name, one in found.items() if all("--json" not in option.opts for option in one.params)}
    assert without == {"mash run"}


def test_an_unforeseen_fault_is_named_by_type_and_place_only(capsys: pytest.CaptureFixture[str]) -> None:
    """What an exception says may quote a record."""

    def fail() -> None:
        raise KeyError(CANARY)

    with pytest.raises(KeyError) as caught:
        fail()
    main._unforeseen(KeyError, caught.value, caught.value.__traceback__)
    line = capsys.readouterr().err
    assert CANARY not in line
    assert line.startswith("mash: internal fault: KeyError at test_main.py:")
    assert line.count("\n") == 1


def test_main_ends_the_process_with_the_exit_code() -> None:
    """A real process: it ends without taking the interpreter apart, and loses nothing that it said."""
    command = (sys.executable, "-m", "broker.cli.main", "stauts")
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("mash: ")
    assert ended.stderr.endswith("\n")


def test_the_packaging_is_checked_before_any_command(mash: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise UsageError("package broker is also owned by another")

    monkeypatch.setattr(main, "check_packaging", refuse)
    ran = mash("--help")
    assert (ran.code, ran.error) == (2, "mash: package broker is also owned by another")
