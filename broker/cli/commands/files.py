"""Reading of files named on the command line. A fault names the file and the reason, never the file's content."""

from __future__ import annotations

from pathlib import Path

from broker.application.ask import MOST_FORM_BYTES
from broker.errors import UsageError


def read_form(file: Path) -> bytes:
    """Return a request's bytes, at most one more than allowed, so that the limit still sees it. Raises: UsageError."""
    return _read(file, most=MOST_FORM_BYTES + 1)


def read_document(file: Path | None) -> bytes | None:
    """Return a JSON document's bytes; None if no file is named. Raises: UsageError."""
    return None if file is None else _read(file)


def _read(file: Path, *, most: int = -1) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise UsageError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None
