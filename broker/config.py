"""One process's configuration: `HOME/PRINCIPAL/config.toml`. It names only this principal's own keys and stores.

Paths are relative to the file. A missing file, key or word stops the start with one line (exit 2).
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from broker.errors import UsageError
from broker.requester.clock import Clocks
from schemas.scalars import Count, Name, Ref
from schemas.vocabulary import PrincipalRole, Sector

FILE_NAME = "config.toml"


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


class EmbeddedLogConfig(_Part):
    """The event log in one SQLite file of this machine."""

    kind: Literal["embedded"] = "embedded"
    address: str


class KafkaLogConfig(_Part):
    """The event log on Kafka brokers (HOST:PORT,...), and how this process signs in there."""

    kind: Literal["kafka"] = "kafka"
    address: str
    tls: TlsConfig | None = None
    sasl: SaslConfig | None = None

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        tls, sasl = self.tls, self.sasl
        if sasl is not None and (sasl.username is None) != (sasl.mechanism == "OAUTHBEARER"):
            raise _wrong("sasl", "username is given with SCRAM, and only with it")
        if tls is None:
            if sasl is not None:
                raise _wrong("sasl", "without log.tls the password would go out in the clear")
            return self
        if (tls.certificate is None) != (tls.key is None):
            raise _wrong("tls", "certificate and key are given together or not at all")
        if tls.certificate is None and sasl is None:
            raise _wrong("tls", "a certificate and its key, or log.sasl, must say who this is")
        return self


_SIGN_IN = "sign_in"


def _wrong(key: str, rule: str) -> PydanticCustomError:
    return PydanticCustomError(_SIGN_IN, "{rule}", {"key": key, "rule": rule})


LogConfig = Annotated[EmbeddedLogConfig | KafkaLogConfig, Field(discriminator="kind")]
"""The event log's configuration, tagged by `kind`; a key of another kind is refused."""


class DirectoryConfig(_Part):
    """What enrolment pinned out of band: root keys by organisation (hex), and the least version."""

    folder: str
    minimum_version: Count
    roots: dict[Name, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]


class HolderConfig(_Part):
    """The part of an organisation's agent: the holder's own evidence for the law layer."""

    apd_ref: Ref | None = None
    apd_valid_until: datetime | None = None
    records_within_days: dict[str, Annotated[int, Field(ge=1, le=36_500)]] | None = None
    """How old the records of a source may be, by its name; `*` stands for every other."""


class RequesterConfig(_Part):
    """The part of a requester: its clocks."""

    clocks: Clocks


class ObserveConfig(_Part):
    """Where `/livez`, `/readyz` and `/metrics` are served, HOST:PORT; nowhere where this part is left out."""

    listen: str


ProcessRole = Literal[PrincipalRole.REQUESTER, PrincipalRole.HOLDER, PrincipalRole.SCREENING, PrincipalRole.AUDIT]
"""The roles that a process of ours has; the others are a principal's in the directory alone."""


class Config(_Part):
    """Everything one process is told."""

    principal: Name
    role: ProcessRole
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
        where, rule = _fault(error)
        raise UsageError(f"{path}: {where}: {rule}") from None


def _fault(error: ValidationError) -> tuple[str, str]:
    """Return the first fault as a key of the file and a rule."""
    first: Any = error.errors(include_input=False, include_url=False)[0]
    steps = [str(step) for step in first["loc"]]
    if first["type"] in _KIND_RULES:
        return f"{steps[0]}.kind", _KIND_RULES[first["type"]]
    if first["type"] == _SIGN_IN:
        return f"log.{first['ctx']['key']}", first["msg"]
    if steps[0] == "log" and len(steps) > 1:
        del steps[1]  # pydantic's name of the kind that was chosen: no key of the file
    return ".".join(steps), first["type"].replace("_", " ")


_KIND_RULES = {"union_tag_not_found": "missing", "union_tag_invalid": "enum"}
"""What pydantic reports of `log.kind`, as it reports any other key that is missing or holds an unknown word."""


def write_config(path: Path, config: Config) -> None:
    """Write a configuration file, readable by its owner only."""
    document = config.model_dump(mode="json", exclude_none=True)
    path.touch(mode=0o600)
    path.write_text(tomli_w.dumps(document), "utf-8")
