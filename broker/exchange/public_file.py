"""The files beside the signed directory. Each lies under its digest, and the directory pins that digest.

So a file is believed for its bytes alone: whoever may write the folder can take one away, and change none unseen.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from broker.errors import UsageError
from broker.exchange.envelope import sha256
from schemas.directory import Directory


class PublicFile(StrEnum):
    """One sort of file that a directory pins (DIR-7, DIR-16)."""

    REGISTER = "register"
    """The register of acting people: ids and roles."""
    PROFILE = "profile"
    """The partnership as its practice documents draw it."""
    PROTOCOL = "protocol"
    """The gate's local layer: what the partnership agreed."""
    LAW = "law"
    """The gate's law layer, the same for every partnership of a release."""

    def digest(self, content: bytes) -> bytes:
        """Return the digest under which a directory pins these bytes; no sort of file passes for another."""
        return sha256(f"mash1/{self}".encode(), content)

    def pinned(self, directory: Directory) -> bytes:
        """Return the digest that this directory pins."""
        match self:
            case PublicFile.REGISTER:
                return directory.register_digest
            case PublicFile.PROFILE:
                return directory.profile_digest
            case PublicFile.PROTOCOL:
                return directory.protocol_digest
            case PublicFile.LAW:
                return directory.law_digest

    def path(self, folder: Path, digest: bytes) -> Path:
        """Return the path of the file with that digest."""
        return folder / f"{self}-{digest.hex()}.{'avro' if self is PublicFile.REGISTER else 'toml'}"

    def read(self, folder: Path, directory: Directory) -> bytes:
        """Return the file that this directory pins.

        Raises: UsageError with one sentence that names the file and what to do.
        """
        path = self.path(folder, self.pinned(directory))
        whose = f"the {self} that version {directory.version} of the directory pins"
        mend = "copy it from the public folder of another organisation"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"{path}: {(error.strerror or type(error).__name__).lower()}; it is {whose}: {mend}"
            ) from None
        if self.digest(content) != self.pinned(directory):
            raise UsageError(f"{path}: was changed and is not {whose}: {mend}")
        return content

    def write(self, folder: Path, content: bytes) -> None:
        """Put a file where whoever reads the directory that pins it will look for it."""
        self.path(folder, self.digest(content)).write_bytes(content)
