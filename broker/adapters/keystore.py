"""A principal's keys as files in its own folder: made once, loaded at start, destroyed when their time is over.

Transport keys are weekly epochs: sealed to for a week, opened for three more, then destroyed, so that an old copy of
the log becomes unreadable while the record lives as long as the law says (blueprint section 5, "Keys in time").
"""

from __future__ import annotations

import hashlib
import hmac
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broker.adapters.crypto import FileOpener, FileRestKey, FileSigner, random_bytes
from broker.adapters.crypto.keyfile import copy, create, read
from broker.errors import UsageError
from broker.exchange.envelope import sha256
from broker.exchange.keys import KeyRing

EPOCH = timedelta(days=7)
OPEN_AFTER = timedelta(days=21)
SIGNING_FILE, REST_FILE, PSEUDONYM_FILE, SEARCH_FILE, ROOT_FILE = (
    "signing.seed",
    "rest.seed",
    "pseudonym.seed",
    "search.seed",
    "root.seed",
)
_EPOCH_NAME = "kem-%Y-%m-%d.seed"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def epoch_start(now: datetime) -> datetime:
    """Return the Monday, 00:00 UTC, on which the current key epoch began."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def make_keys(keys: Path, *, search_from: Path | None) -> None:
    """Make the long-lived keys of a new principal, each in a file that only its owner can read.

    `search_from` is the folder of a member whose search key is the partnership's; None makes a new one.
    """
    keys.mkdir(mode=0o700, parents=True)
    keys.parent.chmod(0o700)
    for name in (SIGNING_FILE, REST_FILE, PSEUDONYM_FILE):
        create(keys / name)
    if search_from is None:
        create(keys / SEARCH_FILE)
    else:
        copy(search_from / SEARCH_FILE, keys / SEARCH_FILE)


def make_epoch(keys: Path, start: datetime) -> bytes:
    """Return the public key of an epoch, making its private half where it is not there yet."""
    path = keys / start.strftime(_EPOCH_NAME)
    opener = FileOpener.load(path) if path.exists() else FileOpener.generate(path)
    return opener.public_key


def destroy_old_epochs(keys: Path, now: datetime) -> int:
    """Destroy the epochs that nobody may open any more, and return how many. Raises: UsageError naming a stray file."""
    old = [path for path in keys.glob("kem-*.seed") if _epoch_of(path) + EPOCH + OPEN_AFTER <= now]
    for path in old:
        path.write_bytes(random_bytes(path.stat().st_size))
        path.unlink()
    return len(old)


def make_root(keys: Path) -> FileSigner:
    """Make an organisation's root key, which signs directory versions."""
    return FileSigner.generate(keys / ROOT_FILE)


def load_root(keys: Path) -> FileSigner:
    """Load an organisation's root key. Raises: UsageError naming the file."""
    return FileSigner.load(keys / ROOT_FILE)


def load_signer(keys: Path) -> FileSigner:
    """Load a principal's signing key. Raises: UsageError naming the file."""
    return FileSigner.load(keys / SIGNING_FILE)


def load_keyring(principal: str, keys: Path) -> KeyRing:
    """Load everything a principal signs, opens and keeps with. Raises: UsageError naming the folder or file."""
    try:
        mode = stat.S_IMODE(keys.parent.stat().st_mode)
    except OSError as error:
        raise UsageError(f"{keys.parent}: {(error.strerror or 'cannot be read').lower()}") from None
    if mode & _OTHERS:
        raise UsageError(f"{keys.parent}: is open to others (mode {mode:04o}): chmod 700 it")
    openers = [FileOpener.load(path) for path in sorted(keys.glob("kem-*.seed"))]
    if not openers:
        raise UsageError(f"{keys}: no key epoch (kem-*.seed) to open messages with")
    secret, search = read(keys / PSEUDONYM_FILE), read(keys / SEARCH_FILE)
    return KeyRing(
        principal=principal,
        signer=load_signer(keys),
        openers={sha256(opener.public_key): opener for opener in openers},
        rest=FileRestKey.load(keys / REST_FILE),
        pseudonym=lambda message: hmac.new(secret, message, hashlib.sha256).digest(),
        search=lambda message: hmac.new(search, message, hashlib.sha256).digest(),
    )


def _epoch_of(path: Path) -> datetime:
    try:
        return datetime.strptime(path.name, _EPOCH_NAME).replace(tzinfo=UTC)
    except ValueError:
        # A copy of an epoch under another name would outlive it, and with it the secrecy of what was sealed.
        raise UsageError(f"{path}: is not named like a key epoch (kem-YYYY-MM-DD.seed): destroy it") from None
