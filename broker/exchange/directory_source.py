"""The folder of signed directory versions, as one principal trusts it. Nothing in it is believed unsigned.

(1) the next version is taken up as soon as it lies there, one after another, from the first that is trusted; (2) one
that is not signed by two pinned roots, or does not follow from what this principal has seen, is refused, and the last
good one stays; (3) older versions are kept to check what
was sealed under them; (4) register, profile, protocol and law are the files whose digests the directory pins; (5) new
roots are taken up together with the first directory that they sign, and what the old ones signed above it is undone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from broker.errors import RejectedError, UsageError
from broker.exchange.directory import TrustedDirectory, trust
from broker.exchange.journal import Journal
from broker.exchange.public_file import PublicFile
from broker.exchange.roots import TrustedRoots, next_roots, pinned_roots
from broker.ports import Clock, Crypto
from schemas.codec import MalformedError, decode
from schemas.directory import Directory, Register

Alarm = Callable[[str], None]
Edition = tuple[tuple[str, int, int], ...]


def directory_file(folder: Path, version: int) -> Path:
    """Return where a version lies."""
    return folder / f"directory-{version:08d}.avro"


def roots_file(folder: Path, number: int) -> Path:
    """Return where a set of roots lies."""
    return folder / f"roots-{number:08d}.avro"


class DirectorySource:
    """What a principal believes of the partnership at this moment."""

    def __init__(
        self,
        folder: Path,
        *,
        partnership: str,
        roots: Mapping[str, bytes],
        minimum_version: int,
        journal: Journal,
        crypto: Crypto,
        clock: Clock,
        alarm: Alarm,
    ) -> None:
        self._folder = folder
        self._partnership = partnership
        self._minimum = minimum_version
        self._journal = journal
        self._crypto = crypto
        self._clock = clock
        self._alarm = alarm
        self._refused: set[Edition] = set()
        self._alarmed: set[Edition] = set()
        self._digests: dict[int, bytes] = {}
        self._register: tuple[bytes, Register] | None = None
        self._roots = self._taken_up(roots)
        self._current = self._first()

    @property
    def roots(self) -> tuple[str, ...]:
        """The organisations whose root keys are trusted now, in order."""
        return tuple(sorted(self._roots[-1].keys))

    def current(self) -> TrustedDirectory:
        """Return the newest version that can be trusted and follows from the one before (1) (2)."""
        while self._takes_roots() or self._takes_one():
            self._refused.clear()  # what skipped a version before may follow now
        return self._current

    def known_version(self, version: int) -> bytes | None:
        """Return the digest of a version, old or current, None where none is known and trusted (3)."""
        current = self.current()
        if version == current.directory.version:
            return current.digest
        if version not in self._digests:
            digest = self._old_digest(version)
            if digest is None:
                return None  # not remembered: its file may come yet
            self._digests[version] = digest
        return self._digests[version]

    def register(self) -> Register:
        """Return who may act, as the current directory pins it (4). Raises: RejectedError `REGISTER_MISMATCH`."""
        directory = self.current().directory
        if self._register is None or self._register[0] != directory.register_digest:
            try:
                data = self.pinned(PublicFile.REGISTER, under=directory)
                self._register = (directory.register_digest, decode(Register, data))
            except (UsageError, MalformedError) as error:
                raise RejectedError("REGISTER_MISMATCH", str(error)) from None
        return self._register[1]

    def pinned(self, file: PublicFile, *, under: Directory) -> bytes:
        """Return a file that a version pins (4). Raises: UsageError naming the file and what to do."""
        return file.read(self._folder, under)

    def _takes_one(self) -> bool:
        held = directory_file(self._folder, self._current.directory.version).name
        for path in self._oldest_first():
            if path.name <= held or _edition(path) in self._refused:
                continue
            try:
                self._current = self._take(path)
                return True
            except RejectedError as fault:
                # A bad file must not stop those who hold a good one, nor hide a good one; it is an alarm, once.
                self._refuse(fault, path)
        return False

    def _taken_up(self, pinned: Mapping[str, bytes]) -> list[TrustedRoots]:
        """Return the pinned roots, and every set after them that was taken up before."""
        number, digest = self._journal.roots_seen(self._partnership)
        found = [pinned_roots(pinned)]
        while found[-1].number < number:
            found.append(self._roots_after(found[-1]))
        if digest not in (None, found[-1].digest):
            raise RejectedError("ROOTS_SPLIT_VIEW", f"set {number} has two contents")
        return found

    def _roots_after(self, before: TrustedRoots) -> TrustedRoots:
        try:
            signed = roots_file(self._folder, before.number + 1).read_bytes()
        except OSError as error:
            # Without it the old roots would be trusted again, and it was for a reason that they were replaced.
            raise RejectedError("ROOTS_ROLLBACK", f"set {before.number + 1}: {type(error).__name__}") from None
        return next_roots(signed, before=before, partnership=self._partnership, crypto=self._crypto)

    def _takes_roots(self) -> bool:  # (5)
        path = roots_file(self._folder, self._roots[-1].number + 1)
        if not path.exists() or _edition(path) in self._refused:
            return False
        try:
            found = self._roots_after(self._roots[-1])
        except RejectedError as fault:
            self._refuse(fault, path)
            return False
        first = directory_file(self._folder, found.last[0] + 1)
        if not first.exists() or _edition(path, first) in self._refused:
            return False  # until it comes, the old roots' last good directory goes on
        try:
            self._take_over(found, first)
        except RejectedError as fault:
            self._refuse(fault, path, first)
            return False
        return True

    def _take_over(self, found: TrustedRoots, first: Path) -> None:
        trusted = self._trust(first, roots=found, seen=found.last, now=self._clock())
        version = self._named(first, trusted)
        self._journal.see_roots(
            self._partnership, number=found.number, digest=found.digest, first=(version, trusted.digest)
        )
        self._roots.append(found)
        self._digests.clear()  # of the versions that are undone
        self._current = trusted

    def _oldest_first(self) -> list[Path]:
        try:
            names = os.listdir(self._folder)  # asked several times a message: a glob takes ten times as long
        except OSError:
            return []  # out of reach for the moment: who holds a good version goes on with it
        versions = (name for name in names if name.startswith("directory-") and name.endswith(".avro"))
        return [self._folder / name for name in sorted(versions)]

    def _first(self) -> TrustedDirectory:
        faults = []
        seen, _ = self._journal.directory_seen(self._partnership)
        lowest = directory_file(self._folder, max(seen, self._least())).name
        for path in self._oldest_first():
            if path.name < lowest:
                faults.append(RejectedError("DIRECTORY_ROLLBACK", "only older versions than was seen lie there"))
                continue
            try:
                return self._take(path)
            except RejectedError as fault:
                faults.append(fault)
                self._refuse(fault, path)
        if not faults:
            raise UsageError(f"{self._folder}: no directory is published here")
        raise faults[-1]

    def _least(self) -> int:
        """Return the lowest version that counts: the one of enrolment, or the first of the roots that came since."""
        roots = self._roots[-1]
        return roots.last[0] + 1 if roots.number else self._minimum

    def _refuse(self, fault: RejectedError, *paths: Path) -> None:
        edition = _edition(*paths)
        self._refused.add(edition)
        if edition not in self._alarmed:
            self._alarmed.add(edition)
            self._alarm(fault.reason)

    def _take(self, path: Path) -> TrustedDirectory:
        seen = self._journal.directory_seen(self._partnership)
        seen = max(seen, (self._least(), None), key=lambda one: one[0])
        trusted = self._trust(path, roots=self._roots[-1], seen=seen, now=self._clock())
        version = self._named(path, trusted)
        self._journal.see_directory(self._partnership, version=version, digest=trusted.digest)
        return trusted

    def _named(self, path: Path, trusted: TrustedDirectory) -> int:
        version = trusted.directory.version
        if path.name != directory_file(self._folder, version).name:
            # Named higher than it is, an old version would stand in front of all that follow.
            raise RejectedError("DIRECTORY_MISNAMED", f"version {version}")
        return version

    def _trust(
        self, path: Path, *, roots: TrustedRoots, seen: tuple[int, bytes | None], now: datetime | None
    ) -> TrustedDirectory:
        try:
            signed = path.read_bytes()
        except OSError as error:
            raise RejectedError("DIRECTORY_MALFORMED", type(error).__name__) from None
        return trust(signed, partnership=self._partnership, roots=roots.keys, seen=seen, crypto=self._crypto, now=now)

    def _old_digest(self, version: int) -> bytes | None:
        if version > self._current.directory.version:
            return None
        try:
            path = directory_file(self._folder, version)
            old = self._trust(path, roots=self._roots_of(version), seen=(0, None), now=None)
        except RejectedError:
            return None
        return old.digest if old.directory.version == version else None

    def _roots_of(self, version: int) -> TrustedRoots:
        """Return the roots that sign this version: of several sets, the latest that begins below it."""
        return next((one for one in reversed(self._roots) if one.last[0] < version), self._roots[0])


def _edition(*paths: Path) -> Edition:
    """Tell files from others under the same name: a version may come again, with its second signature this time."""
    return tuple(_stamp(path) for path in paths)


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return path.name, 0, 0
    return path.name, found.st_mtime_ns, found.st_size
