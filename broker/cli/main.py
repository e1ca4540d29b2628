"""`mash`: run one command, and turn each fault into an exit code and one line without any record's value.

0 done; 1 done with a bad finding, or an internal fault; 2 the command, a file, an id or the configuration is wrong; 3
not ready or not in time; 130 interrupted. No traceback is printed: its messages may quote a record.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import typer

from broker.cli.flags import sentence_of
from broker.cli.output import FINDING, INTERRUPTED, NOT_READY, WRONG, say
from broker.cli.packaging import check_packaging
from broker.errors import FieldError, MashError, NotPermitted, RejectedError, UnavailableError, UsageError


def main() -> None:
    """Run the command that the process was started with, and end the process with its exit code."""
    sys.excepthook = _unforeseen
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Every store and log is closed by now. The interpreter's own shutdown would cost each command half a second more.
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    from broker.cli.app import app

    try:
        check_packaging()
        code = typer.main.get_command(app).main(list(arguments), prog_name="mash", standalone_mode=False)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone. Text left in the buffer must not raise again at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDING
    except (typer.TyperException, MashError, OSError, BaseExceptionGroup) as error:
        return _explain(error)
    return int(code or 0)


def _explain(error: BaseException) -> int:
    """Print one line for each fault, and return the exit code."""
    first = next(_leaves(error))
    match first:
        case typer.TyperException():
            say(f"mash: {_usage(first)}")
            return WRONG
        case FieldError():
            say(f"mash: {sentence_of(first)}")
            return WRONG
        case UsageError() | RejectedError():
            for line in str(first).splitlines():
                say(f"mash: {line}")
            return WRONG
        case UnavailableError():
            say(f"mash: {first}")
            return NOT_READY
        case NotPermitted():
            say(f"mash: {first}")
            return FINDING
        case MashError():
            say(f"mash: internal fault: {first}")
            return FINDING
        case OSError():
            say(f"mash: {first.filename or 'a file'}: {(first.strerror or type(first).__name__).lower()}")
            return WRONG
        case _:
            raise first


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Return the faults that a task group wraps, first those that a person can act on."""
    if isinstance(error, BaseExceptionGroup):
        inner = [leaf for one in error.exceptions for leaf in _leaves(one)]
        yield from sorted(inner, key=lambda leaf: not isinstance(leaf, MashError))
    else:
        yield error


def _usage(error: typer.TyperException) -> str:
    """Return a usage error without the words typed: a word may be a person's name."""
    if isinstance(error, typer.BadParameter) and error.param is not None and type(error) is typer.BadParameter:
        return f"{error.param.opts[-1] if error.param.opts else error.param.name}: not a valid value"
    lines = error.format_message().strip().splitlines() or ["wrong usage"]
    first = "no such command" if lines[0].startswith("No such command") else re.sub(r" \([^)]*\)", "", lines[0])
    return f"{first[:1].lower()}{first[1:].rstrip('.')}; see: mash --help"


def _unforeseen(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """Print an unforeseen fault by type and place only: its message may quote a record."""
    fault = next(_leaves(fault))
    step = fault.__traceback__ or trace
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}" if step else "an unknown place"
    say(f"mash: internal fault: {type(fault).__name__} at {where}")


if __name__ == "__main__":
    main()
