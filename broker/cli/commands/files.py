"""Files that a person names: read whole, and with a fault that says which file and why, never what is in it."""

from __future__ import annotations

from pathlib import Path

from broker.application.ask import MOST_FORM_BYTES
from broker.errors import UsageError


def read_form(file: Path) -> bytes:
    """Return a request's bytes, and one more than allowed where there are too many. Raises: UsageError."""
    return _read(file, most=MOST_FORM_BYTES + 1)


def read_document(file: Path | None) -> bytes | None:
    """Return a JSON document's bytes; None where no file is named. Raises: UsageError."""
    return None if file is None else _read(file)


def _read(file: Path, *, most: int = -1) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise UsageError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None
