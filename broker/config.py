"""One process's configuration: `HOME/PRINCIPAL/config.toml`. It names only this principal's own keys and stores.

Paths are relative to the file. A missing file, key or word stops the start with one line (exit 2).
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from broker.errors import UsageError
from broker.requester.clock import Clocks
from schemas.scalars import Count, Name, Ref
from schemas.vocabulary import PrincipalRole, Sector

FILE_NAME = "config.toml"


class LogKind(StrEnum):
    """Which event log."""

    EMBEDDED = "embedded"
    KAFKA = "kafka"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TlsConfig(_Part):
    """The PEM files of a Kafka client. Without `authority` the system's own is believed."""

    authority: str | None = None
    certificate: str | None = None
    key: str | None = None


class SaslConfig(_Part):
    """How brokers of a managed service sign a client in, inside TLS: with a password's file, or a token's."""

    mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
    username: str | None = None
    secret_file: str


class LogConfig(_Part):
    """Where the event log is: a file for `embedded`, HOST:PORT,... for `kafka`; then also how to get in."""

    kind: LogKind
    address: str
    tls: TlsConfig | None = None
    sasl: SaslConfig | None = None


class DirectoryConfig(_Part):
    """What enrolment pinned out of band: root keys by organisation (hex), and the least version."""

    folder: str
    minimum_version: Count
    roots: dict[Name, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]


class HolderConfig(_Part):
    """What an organisation's agent adds: the evidence for the law layer that is the holder's own."""

    apd_ref: Ref | None = None
    apd_valid_until: datetime | None = None


class RequesterConfig(_Part):
    """What a requester adds: its clocks."""

    clocks: Clocks


class ObserveConfig(_Part):
    """Where `/livez`, `/readyz` and `/metrics` are served, HOST:PORT; nowhere where this part is left out."""

    listen: str


class Config(_Part):
    """Everything one process is told."""

    principal: Name
    role: PrincipalRole
    sector: Sector
    acts_for: Name
    partnership: Name
    log: LogConfig
    directory: DirectoryConfig
    holder: HolderConfig | None = None
    requester: RequesterConfig | None = None
    observe: ObserveConfig | None = None

    def group(self, name: str) -> str:
        """Return the name of one of this principal's groups on the log; ids hold no dot, so it can be nobody else's."""
        return f"{self.principal}.{name}"


def load_config(path: Path) -> Config:
    """Read one configuration file. Raises: UsageError naming file, key and rule."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such configuration file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: not readable as TOML ({type(error).__name__})") from None
    try:
        return Config.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise UsageError(f"{path}: {where}: {first['type'].replace('_', ' ')}") from None


def write_config(path: Path, config: Config) -> None:
    """Write a configuration file, readable by its owner only."""
    document = config.model_dump(mode="json", exclude_none=True)
    path.touch(mode=0o600)
    path.write_text(tomli_w.dumps(document), "utf-8")
