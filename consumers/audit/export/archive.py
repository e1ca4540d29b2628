"""The bundle's container: one zip file with one spelling, so that a byte which means nothing cannot change either.

Promise: `write_archive` gives the same bytes for the same files, always; `read_archive` returns the files of a zip that
is spelled exactly so, and refuses any other: a changed date, comment, order, compression or byte between two files.
"""

from __future__ import annotations

import os
import struct
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from broker.errors import RejectedError, UnavailableError, UsageError

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_FILE_MODE: Final = 0o100644 << 16
_BLOCK: Final = 1 << 20
_BROKEN: Final = (
    zipfile.BadZipFile,
    NotImplementedError,  # a compression or a version that zipfile does not know
    RuntimeError,  # encrypted
    EOFError,
    ValueError,  # also text that does not decode
    OverflowError,
    MemoryError,
    OSError,  # an offset before the file's beginning
    struct.error,
)


def write_archive(path: Path, files: Mapping[str, bytes]) -> None:
    """Write the files as a zip at `path`, which appears whole or not at all, in place of what was there.

    Raises: UsageError where it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        part = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                _write(file, files)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {_reason(error)}") from None


def read_archive(path: Path) -> dict[str, bytes]:
    """Return the files of an archive that `write_archive` wrote.

    Raises: UsageError where there is no such file; RejectedError `BUNDLE_UNREADABLE`, `BUNDLE_ALTERED`;
    UnavailableError where there is no room to compare.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {_reason(error)}") from None
    with file:
        files = _read(file)
        try:
            with tempfile.TemporaryFile() as again:
                _write(again, files)
                alike = _same(file, again)
        except OSError as error:
            raise UnavailableError(f"no room to check the bundle: {_reason(error)}") from None
    if not alike:
        raise RejectedError("BUNDLE_ALTERED", "the file is not the one spelling of what is in it")
    return files


def _write(file: IO[bytes], files: Mapping[str, bytes]) -> None:
    # Stored, not deflated: what deflate makes differs between versions of zlib.
    with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.create_system = _UNIX
            info.external_attr = _FILE_MODE
            archive.writestr(info, files[name])


def _read(file: IO[bytes]) -> dict[str, bytes]:
    try:
        size = file.seek(0, os.SEEK_END)
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            # A zip bomb inflates, or names the same bytes many times over.
            stored = all(info.compress_type == zipfile.ZIP_STORED for info in infos)
            if not stored or sum(info.file_size for info in infos) > size:
                raise RejectedError("BUNDLE_UNREADABLE", "compressed, or larger than its file")
            return {info.filename: archive.read(info) for info in infos}
    except _BROKEN as error:
        raise RejectedError("BUNDLE_UNREADABLE", type(error).__name__) from None


def _same(one: IO[bytes], other: IO[bytes]) -> bool:
    one.seek(0)
    other.seek(0)
    while True:
        block = one.read(_BLOCK)
        if block != other.read(_BLOCK):
            return False
        if not block:
            return True


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()
