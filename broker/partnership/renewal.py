"""Renewal: the next directory version and key epochs, as far as one HOME holds the keys for them.

(1) A version needs every pinned root's signature: nothing is signed while one root key is elsewhere. (2) Principals
whose folders are in HOME get their next transport key; the others keep the epochs that the directory names. (3) Each
missing thing is named, with its reason and its owner. (4) Renewals exclude each other: two versions under one number
would be a split view. (5) Epochs in HOME that are past their last day of opening are destroyed.
Only a HOME made by `mash init` holds every folder, and only there does the hub's process read other principals' keys,
through this file. In a real partnership other organisations hold them, and their officers sign the next version.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import final

from broker.adapters.keystore import ROOT_FILE, destroy_old_epochs
from broker.exchange.directory import TrustedDirectory
from broker.exchange.directory_source import DirectorySource
from broker.partnership.enrolment import DIRECTORY_LIFE, epochs, kem_key, publish_directory
from broker.partnership.home import Home
from schemas.directory import Directory, Principal

RENEW_BEFORE = timedelta(days=4)


class OutOfReach(StrEnum):
    """The reason why this HOME cannot renew a part of the directory."""

    ROOT = "ROOT_OUT_OF_REACH"
    DIRECTORY = "DIRECTORY_READ_ONLY"
    EPOCH = "EPOCH_OUT_OF_REACH"

    @property
    def do(self) -> str:
        """The remedy, for a person."""
        return _DO[self]


_DO = {
    OutOfReach.ROOT: "let the root keys' keepers sign the next version, and put it into the directory folder",
    OutOfReach.DIRECTORY: "renew where the directory folder can be written, and bring the next version's file here",
    OutOfReach.EPOCH: "let each of them make its next key epoch, and the keepers of the root keys sign it",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """One thing that renewal needs and this HOME lacks, and the principals that have it."""

    reason: OutOfReach
    principals: tuple[str, ...]


def home_around(folder: Path) -> Home:
    """Return the folder above a principal's as a HOME; `lacking` reports it if it is none."""
    return Home(path=folder.absolute().parent)


def renew_directory(home: Home, published: DirectorySource, *, now: datetime) -> bool:
    """Sign a new version if one is due and every root key is in reach; return whether it did. Destroy dead epochs.

    Raises: UsageError for a key that cannot be used, OSError where a folder cannot be written.
    """
    for name in _in_reach(home, published.current().directory):
        destroy_old_epochs(home.path / name / "keys", now)  # (5)
    if not renewal_due(home, published.current(), now=now) or _cannot_sign(home, published):
        return False
    with _only_one(home) as alone:  # (4)
        current = published.current()  # read again under the lock: another process may have renewed meanwhile
        if not alone or not renewal_due(home, current, now=now):
            return False
        publish_directory(home, _next(home, current, now), roots=published.roots)
    return True


def renewal_due(home: Home, current: TrustedDirectory, *, now: datetime) -> bool:
    """Return whether this version expires soon, or lacks an epoch of a principal whose folder is here."""
    directory, wanted = current.directory, set(epochs(now))
    here = _in_reach(home, directory)
    covered = all({key.seal_from for key in one.kem_keys} >= wanted for one in directory.principals if one.id in here)
    return not covered or directory.expires_at - now <= RENEW_BEFORE


def lacking(home: Home, published: DirectorySource) -> tuple[Lack, ...]:
    """Return each thing that the next version needs and this HOME lacks (3); empty if all of it can be renewed."""
    directory = published.current().directory
    here = _in_reach(home, directory)
    elsewhere = tuple(sorted(one.id for one in directory.principals if one.id not in here))
    epochs_elsewhere = (Lack(reason=OutOfReach.EPOCH, principals=elsewhere),) if elsewhere else ()
    return (*_cannot_sign(home, published), *epochs_elsewhere)


def _cannot_sign(home: Home, published: DirectorySource) -> tuple[Lack, ...]:  # (1)
    roots = tuple(name for name in published.roots if not os.access(home.path / name / "keys" / ROOT_FILE, os.R_OK))
    lacks = [Lack(reason=OutOfReach.ROOT, principals=roots)] if roots else []
    if not os.access(home.directory_folder, os.W_OK):
        lacks.append(Lack(reason=OutOfReach.DIRECTORY, principals=()))
    return tuple(lacks)


def _in_reach(home: Home, directory: Directory) -> frozenset[str]:
    """Return the principals whose keys can be made here."""
    return frozenset(one.id for one in directory.principals if os.access(home.path / one.id / "keys", os.W_OK))


def _next(home: Home, current: TrustedDirectory, now: datetime) -> Directory:
    directory, here = current.directory, _in_reach(home, current.directory)
    return Directory(
        **{
            **{name: getattr(directory, name) for name in Directory.model_fields},
            "version": directory.version + 1,
            "issued_at": now,
            "expires_at": now + DIRECTORY_LIFE,
            "previous_digest": current.digest,
            "principals": tuple(
                _with_epochs(home, one, directory.partnership, now) if one.id in here else one
                for one in directory.principals  # (2)
            ),
        }
    )


def _with_epochs(home: Home, principal: Principal, partnership: str, now: datetime) -> Principal:
    kept = {key.seal_from: key for key in principal.kem_keys if key.open_until > now}
    keys = home.path / principal.id / "keys"
    # Crash here: the private half lies in its folder; the next renewal finds it and publishes its public half.
    for start in set(epochs(now)) - set(kept):
        kept[start] = kem_key(keys, start, partnership=partnership, principal=principal.id)
    return Principal(
        **{
            **{name: getattr(principal, name) for name in Principal.model_fields},
            "kem_keys": tuple(kept[start] for start in sorted(kept)),
        }
    )


@contextmanager
def _only_one(home: Home) -> Iterator[bool]:
    """Take the renewal lock, and yield whether it was free; the kernel drops it when the process dies."""
    descriptor = os.open(home.directory_folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
