"""The form of a directory, whoever signed it: dates, names, roles and keys that no signature makes right.

Promise: (1) it is valid for a week at most; (2) no id is one of the event log's own; (3) one audit service, one
screening for each requester, and whoever acts for another may; (4) every key is sound, its own principal's alone, and
no root's; (5) no transport key is destroyed before the last message that it can be sealed to has expired.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from broker.errors import RejectedError
from broker.exchange.envelope import LIFETIME, sha256
from broker.ports import Crypto
from schemas.directory import Directory, Principal
from schemas.scalars import RESERVED_IDS
from schemas.vocabulary import PrincipalRole

MOST_AHEAD = timedelta(seconds=120)
"""How far a sender's clock may be ahead of ours: machines without a time server drift by seconds a day."""

LONGEST_LIFE = timedelta(days=7)
ALONE = frozenset({PrincipalRole.SCREENING, PrincipalRole.AUDIT})
"""Roles of a process that acts for a requester and holds no other role: what it opens, nobody else should."""


def check_dates(directory: Directory, *, now: datetime | None) -> None:
    """Check (1); `now` is None for a version of the past. Raises: RejectedError `DIRECTORY_DATES`."""
    issued, expires = directory.issued_at, directory.expires_at
    if not issued < expires <= issued + LONGEST_LIFE:
        raise RejectedError("DIRECTORY_DATES", "it does not expire within seven days of its issue")
    if now is not None and issued > now + MOST_AHEAD:
        raise RejectedError("DIRECTORY_DATES", "it was issued in the future")


def check_members(directory: Directory) -> None:
    """Check (2) and (3). Raises: RejectedError `DIRECTORY_RESERVED`, `DIRECTORY_ROLES`, `DIRECTORY_KEYS` for a twin."""
    names = {one.id for one in directory.principals}
    if names & RESERVED_IDS:
        raise RejectedError("DIRECTORY_RESERVED", "a principal bears an id of the event log's own")
    if len(names) != len(directory.principals):
        raise RejectedError("DIRECTORY_KEYS", "a name stands twice")
    requesters = {one.id for one in directory.principals if PrincipalRole.REQUESTER in one.roles}
    if not all(_acts_as_it_may(one, requesters) for one in directory.principals):
        raise RejectedError("DIRECTORY_ROLES", "a principal acts for whom its roles do not let it")
    audits = sum(PrincipalRole.AUDIT in one.roles for one in directory.principals)
    screens = Counter(one.acts_for for one in directory.principals if PrincipalRole.SCREENING in one.roles)
    if audits > 1 or any(count > 1 for count in screens.values()):
        raise RejectedError("DIRECTORY_ROLES", "two principals of a role that one alone can have")


def _acts_as_it_may(principal: Principal, requesters: set[str]) -> bool:
    roles = principal.roles
    if len(set(roles)) != len(roles):
        return False
    if ALONE & set(roles):
        return len(roles) == 1 and principal.acts_for in requesters
    return principal.acts_for == principal.id


def check_keys(directory: Directory, *, roots: Iterable[bytes], crypto: Crypto) -> Mapping[bytes, str]:
    """Check (4) and (5); return whose each KEM key is, by SHA-256. Raises: RejectedError `DIRECTORY_KEYS`."""
    signing = [key for one in directory.principals for key in one.signing_keys]
    if any(key.key_id != sha256(key.public_key).hex()[:32] for key in signing):
        raise RejectedError("DIRECTORY_KEYS", "a key id is not its key's")
    public = [key.public_key for key in signing]
    if len({*public, *roots}) != len(public) + len(set(roots)):
        # One signature would fit two principals, or whoever signs messages could sign directories.
        raise RejectedError("DIRECTORY_KEYS", "a signing key stands twice, or is a root's")
    if any(key.valid_from and key.valid_until and key.valid_from >= key.valid_until for key in signing):
        raise RejectedError("DIRECTORY_KEYS", "a signing key's times do not follow each other")
    kem = [(one.id, key) for one in directory.principals for key in one.kem_keys]
    owners = {sha256(key.public_key): name for name, key in kem}
    if len(owners) != len(kem):
        raise RejectedError("DIRECTORY_KEYS", "a transport key stands twice")
    if any(not key.seal_from < key.seal_until <= key.open_until - LIFETIME for _, key in kem):
        raise RejectedError("DIRECTORY_KEYS", "a transport key's times do not follow each other")
    if not all(map(crypto.is_sound_signing_key, public)) or not all(
        crypto.is_sound_kem_key(key.public_key) for _, key in kem
    ):
        raise RejectedError("DIRECTORY_KEYS", "a key that no message is safe under")
    return owners
