"""Vectors of the public folder: what a directory pins, and a file that is named for another version."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broker.exchange.directory import DIRECTORY_LABEL
from broker.exchange.envelope import sha256
from broker.exchange.public_file import PublicFile
from schemas.codec import encode
from schemas.directory import Directory, Register
from tests.vectors.directory_cases import honest_directory
from tests.vectors.vector_case import ACCEPT
from tests.vectors.vector_world import NOW, PARTNERSHIP, signed

FILES: dict[PublicFile, bytes] = {
    PublicFile.REGISTER: encode(Register(partnership=PARTNERSHIP, version=1, people=())),
    PublicFile.PROFILE: b"# a profile\n",
    PublicFile.PROTOCOL: b"# a protocol\n",
    PublicFile.LAW: b"# a law that no release has\n",
}
START, DECIDE = "DOES_NOT_START", "DECIDES_NOTHING"
Folder = Mapping[str, bytes]


def documents() -> list[dict[str, Any]]:
    """Return every folder vector as it is stored. `later` lies there only once the reader has begun."""
    first = _pinning(honest_directory())
    second = first.model_copy(update={"version": 2, "previous_digest": sha256(DIRECTORY_LABEL, encode(first))})
    other = second.model_copy(update={"protocol_digest": PublicFile.PROTOCOL.digest(b"# another protocol\n")})
    honest = _folder(first)

    def of(name: str, expect: str, why: str, asks: str, files: Folder, later: Folder | None = None) -> dict[str, Any]:
        return {
            "name": name,
            "expect": expect,
            "why": why,
            "asks": asks,
            "now": NOW.isoformat(timespec="milliseconds"),
            "files": _stored(files),
            "later": _stored(later or {}),
        }

    def without(file: PublicFile) -> Folder:
        return {name: value for name, value in honest.items() if not name.startswith(file)}

    def with_other(file: PublicFile, value: bytes) -> Folder:
        return honest | {_name(file): value}

    return [
        of("accept-folder", ACCEPT, "a directory under its own name, and the register it pins", "REGISTER", honest),
        of(
            "named-for-another",
            "DIRECTORY_MISNAMED",
            "version 1 under the name of version 9 would hide all between",
            "DIRECTORY",
            {"directory-00000009.avro": signed(first)},
        ),
        of("register-missing", "REGISTER_MISMATCH", "nobody can act", "REGISTER", without(PublicFile.REGISTER)),
        of(
            "register-altered",
            "REGISTER_MISMATCH",
            "one person more than is pinned",
            "REGISTER",
            with_other(PublicFile.REGISTER, FILES[PublicFile.REGISTER] + b"\0"),
        ),
        of("profile-missing", START, "the profile is not there", "TABLES", without(PublicFile.PROFILE)),
        of("protocol-missing", START, "the protocol is not there", "TABLES", without(PublicFile.PROTOCOL)),
        of(
            "protocol-altered",
            START,
            "one byte of a comment changed",
            "TABLES",
            with_other(PublicFile.PROTOCOL, b"# A protocol\n"),
        ),
        of(
            "law-altered",
            START,
            "another law under its name",
            "TABLES",
            with_other(PublicFile.LAW, b""),
        ),
        of("law-of-another-release", START, "the pinned law is not the one that was reviewed here", "TABLES", honest),
        of(
            "tables-pinned-anew",
            DECIDE,
            "the next directory pins another protocol than the gate started with",
            "TABLES",
            honest,
            {"directory-00000002.avro": signed(other)},
        ),
    ]


def _pinning(directory: Directory) -> Directory:
    pins = {f"{file}_digest": file.digest(content) for file, content in FILES.items()}
    return directory.model_copy(update=pins)


def _folder(directory: Directory) -> Folder:
    files = {_name(file): content for file, content in FILES.items()}
    return files | {f"directory-{directory.version:08d}.avro": signed(directory)}


def _name(file: PublicFile) -> str:
    return file.path(Path(), file.digest(FILES[file])).name


def _stored(files: Folder) -> dict[str, str]:
    return {name: b64encode(content).decode("ascii") for name, content in sorted(files.items())}
