"""Output: a command's result goes to standard output, and nothing else does; progress and faults go to standard error.

A fault leaves standard output empty: nothing is written there before a command has its whole result.
Text from records is shown as text: markup in it has no effect, and no character in it can reorder what a reader sees.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

DONE, FINDING, WRONG, NOT_READY, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit codes of the command line contract."""

_REORDERING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\N{REPLACEMENT CHARACTER}")


def emit(document: Mapping[str, object]) -> None:
    """Print the one JSON document of a command, as UTF-8 whatever the terminal's locale."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode() + b"\n")
    sys.stdout.buffer.flush()


def say(line: str) -> None:
    """Print one line of progress, or one fault, on standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def plain(text: str) -> str:
    """Return text that is safe on a terminal: characters that reorder the text around them are replaced."""
    return text.translate(_REORDERING)
