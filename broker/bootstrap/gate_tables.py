"""The tables of one process's gate: exactly those that its directory pinned when the process started.

(1) Profile, protocol and law are the files that the directory pins; a missing or altered file stops the start. (2) So
does a pinned law other than this installation's: the engine was reviewed with the law that it ships with. (3) Once a
newer directory pins other tables, this process decides nothing more: it ends and is started again (`runtime.process`),
and until then requests wait, as they do while a store is away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, final

from broker.errors import UnavailableError, UsageError
from broker.exchange.directory_source import DirectorySource
from broker.exchange.public_file import PublicFile
from broker.gate.tables import Tables, load_tables, packaged_law
from schemas.directory import Directory
from schemas.vocabulary import PrincipalRole

DECIDING: Final = frozenset({PrincipalRole.REQUESTER, PrincipalRole.HOLDER})
"""The roles with a gate. The consumers decide nothing and read no table."""

_TABLES: Final = (PublicFile.PROFILE, PublicFile.PROTOCOL, PublicFile.LAW)


@final
class GateTables:
    """The tables that a directory pinned, read at the first call of `current` and kept."""

    def __init__(self, published: DirectorySource) -> None:
        self._published = published
        self._under = published.current().directory
        self._loaded: Tables | None = None

    def current(self) -> Tables:
        """Return the tables in force.

        Raises: UsageError (1) (2) naming the file and the remedy; UnavailableError (3).
        """
        if self.superseded():
            raise UnavailableError("the directory pins other tables than this process started with")
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def superseded(self) -> bool:
        """Return whether the current directory pins other tables than the one at the start (3)."""
        return _pins(self._published.current().directory) != _pins(self._under)

    def _load(self) -> Tables:
        files = {file: self._published.pinned(file, under=self._under) for file in _TABLES}  # (1)
        if files[PublicFile.LAW] != packaged_law():  # (2)
            raise UsageError(
                f"law.toml: this installation's law is not the one that version {self._under.version} of the directory"
                " pins: install the release of mash-broker that the partnership runs on"
            )
        called = PublicFile.PROTOCOL.path(Path(), PublicFile.PROTOCOL.pinned(self._under)).name
        return load_tables(law=files[PublicFile.LAW], protocol=files[PublicFile.PROTOCOL], called=called)


def _pins(directory: Directory) -> tuple[bytes, ...]:
    return tuple(file.pinned(directory) for file in _TABLES)
