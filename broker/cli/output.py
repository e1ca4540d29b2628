"""Output: what a program reads stands on standard output, and nothing else; what people follow, on standard error.

An error leaves standard output empty: nothing is written there before a command has all that it prints.
Text of records is shown as text: no markup in it counts, and no character in it can reorder what a reader sees.
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
    """Tell people how far it is, or what is wrong: one line on standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def plain(text: str) -> str:
    """Return text as a terminal may show it: marks that reorder what stands around them are replaced."""
    return text.translate(_REORDERING)
