"""Private keys as files: 32 random bytes each, which only the user of the process may touch.

Promise: a key file is made once and never overwritten, is durable before anybody learns its public half, and
is not read when somebody else could have read it too. No message tells more of a file than its name and mode.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from broker.errors import UsageError

SEED_BYTES = 32
"""Length of every private key this product keeps: Ed25519 seed, X-Wing seed, AES-256 key."""

_OWNER_ONLY = 0o600
_ANYBODY_ELSE = stat.S_IRWXG | stat.S_IRWXO


def random_bytes(count: int) -> bytes:
    """Return `count` bytes from the operating system's generator: the one door for randomness."""
    return os.urandom(count)


def create(path: Path) -> None:
    """Make a key file with fresh random bytes and mode 0600, durable on return.

    Raises: UsageError when something of that name exists already or the folder cannot be written.
    """
    _make(path, random_bytes(SEED_BYTES))


def copy(source: Path, path: Path) -> None:
    """Make a key file with the bytes of another one. Raises: UsageError as `read` and `create` do."""
    _make(path, read(source))


def _make(path: Path, seed: bytes) -> None:
    try:
        # O_EXCL: neither an old key nor a symbolic link that somebody put here first is written through.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
    except OSError as error:
        raise UsageError(f"key file {path} cannot be made: {_reason(error)}") from None
    try:
        # Crash here: an empty file stays behind; `read` refuses it and names it, nobody has its public half.
        _fill(handle, seed)
        _sync_folder(path.parent)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise UsageError(f"key file {path} cannot be written: {_reason(error)}") from None


def read(path: Path) -> bytes:
    """Return the 32 bytes of a key file.

    Raises: UsageError when it is missing, of another length, or open to the group or to others.
    """
    try:
        with path.open("rb", buffering=0) as file:
            # Of the open file, not of the name: nobody swaps it between the question and the reading.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            seed = file.read(SEED_BYTES + 1)
    except OSError as error:
        raise UsageError(f"key file {path} cannot be read: {_reason(error)}") from None
    if mode & _ANYBODY_ELSE:
        raise UsageError(f"key file {path} is open to others (mode {mode:04o}): replace the key, or chmod 600 it")
    if len(seed) != SEED_BYTES:
        raise UsageError(f"key file {path} does not hold {SEED_BYTES} bytes")
    return seed


def _fill(handle: int, seed: bytes) -> None:
    with os.fdopen(handle, "wb", buffering=0, closefd=True) as file:
        os.fchmod(file.fileno(), _OWNER_ONLY)  # whatever the umask took away or left
        file.write(seed)
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Without it the name may be gone after a power loss, while the directory already shows the public key.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()
