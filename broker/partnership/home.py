"""HOME, as `mash init` makes it: a folder for each principal, mode 0700, and a public one with the signed directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

from broker.config import FILE_NAME, Config, load_config
from broker.errors import UsageError
from schemas.codec import decode
from schemas.directory import Directory, SignedDirectory
from schemas.vocabulary import PrincipalRole

DIRECTORY_FOLDER = "directory"
KAFKA_FOLDER = "kafka"
"""The folder of the development authority, with the certificates of the nodes and the administrator."""

ADMIN_FOLDER = "admin"
"""The administrator's folder inside `KAFKA_FOLDER`."""

LOG_FILE = "log.sqlite"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A HOME that exists."""

    path: Path

    @property
    def principals(self) -> tuple[str, ...]:
        """The principals that have a folder here."""
        return tuple(sorted(one.parent.name for one in self.path.glob(f"*/{FILE_NAME}")))

    def folder(self, principal: str) -> Path:
        """Return a principal's folder. Raises: UsageError where there is none."""
        folder = self.path / principal
        if principal not in self.principals:
            raise UsageError(
                f"{self.path}: no such organisation or process here; there are: {', '.join(self.principals)}"
            )
        return folder

    def config(self, principal: str) -> Config:
        """Return a principal's configuration."""
        return load_config(self.folder(principal) / FILE_NAME)

    def of_role(self, role: PrincipalRole) -> tuple[str, ...]:
        """Return the principals of a role."""
        return tuple(name for name in self.principals if self.config(name).role is role)

    def one_of_role(self, role: PrincipalRole) -> str:
        """Return the only principal of a role. Raises: UsageError where there is none or several."""
        found = self.of_role(role)
        if len(found) != 1:
            raise UsageError(f"{self.path}: {len(found)} principals of role {role.value.lower()}, one is needed")
        return found[0]

    @property
    def directory_folder(self) -> Path:
        """The folder of the signed directory versions and the files they pin."""
        return self.path / DIRECTORY_FOLDER


def open_home(path: Path) -> Home:
    """Open a HOME. Raises: UsageError where the folder is none."""
    home = Home(path=path.absolute())
    if not home.principals:
        raise UsageError(f"{path}: not a home; make one with: mash init {path}")
    return home


def read_signed_directories(home: Home) -> tuple[bytes, ...]:
    """Return every published directory version's bytes, oldest first."""
    return tuple(path.read_bytes() for path in sorted(home.directory_folder.glob("directory-*.avro")))


def read_directory(signed: bytes) -> Directory:
    """Return the content of a published version without verifying its signatures."""
    return decode(Directory, decode(SignedDirectory, signed).directory)
