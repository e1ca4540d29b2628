"""A child's log: FOLDER/service.log, lines of allow-listed keys, appended; one older generation is kept.

The child holds the file itself, so nothing is lost when the supervisor dies. To cap its size, the supervisor copies the
file to `service.log.1` and truncates it: the child appends, so its next line is the first of the emptied file.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO, Self, final

FILE_NAME = "service.log"
MOST_BYTES = 4 * 1024 * 1024


@final
class ServiceLog:
    """The open log file of one child."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.file: BinaryIO = os.fdopen(descriptor, "ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def cap(self) -> None:
        """Move the file's lines to the older generation when it has grown too large."""
        if os.fstat(self.file.fileno()).st_size > MOST_BYTES:
            # Lines that the child writes between these two calls are lost. They are for operators; evidence is in the
            # ledger.
            shutil.copy(self._path, self._path.with_name(f"{FILE_NAME}.1"))
            os.ftruncate(self.file.fileno(), 0)
