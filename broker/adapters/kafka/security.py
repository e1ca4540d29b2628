"""How a client knows the brokers and shows who it is: TLS 1.3, a certificate of its own, or SASL inside TLS.

Promise: (1) no file with a private key or a password is used that others can read; (2) a certificate that is not this
principal's, not in its time, or does not fit its key stops the start with one line; (3) new files are taken up while
the process runs, for each connection made from then on, once they fit, and the old ones stay in use until they do; (4)
the line to brokers on other machines is never in the clear.
"""

from __future__ import annotations

import ipaddress
import ssl
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, final

from aiokafka.abc import AbstractTokenProvider

from broker.adapters.crypto.certificates import read_certificate
from broker.errors import UsageError
from broker.ports import Certified, Clock

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Mechanism(StrEnum):
    """How a client signs in inside TLS (RFC 5802, RFC 7628). PLAIN is left out: it shows the broker the password."""

    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"
    OAUTHBEARER = "OAUTHBEARER"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the PEM files lie. Without `authority` the system's own is believed; without the other two no certificate
    is shown, which brokers that sign clients in by SASL allow."""

    authority: Path | None
    certificate: Path | None
    key: Path | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A SASL mechanism with the file that holds its secret: a password, or a token that somebody renews in the file."""

    mechanism: Mechanism
    username: str | None
    secret: Path


@final
class Security:
    """One process's way to the brokers. `principal` must be its certificate's common name. Raises: UsageError."""

    def __init__(self, files: Files, *, principal: str, sign_in: SignIn | None, clock: Clock) -> None:
        self._files = files
        self._principal = principal
        self._sign_in = sign_in
        self._clock = clock
        self._seen = self._state()
        self.context = self._new()
        self._load(self.context)
        if sign_in is not None:
            _secret(sign_in.secret)  # read again at each use: this one only has to be possible

    @property
    def certified(self) -> Certified | None:
        """What the certificate in use says; None where none is shown."""
        return None if self._files.certificate is None else read_certificate(self._files.certificate)

    def options(self) -> dict[str, object]:
        """Return what every client of the brokers is given."""
        if self._sign_in is None:
            return {"security_protocol": "SSL", "ssl_context": self.context}
        options: dict[str, object] = {
            "security_protocol": "SASL_SSL",
            "ssl_context": self.context,
            "sasl_mechanism": self._sign_in.mechanism.value,
        }
        if self._sign_in.mechanism is Mechanism.OAUTHBEARER:
            return {**options, "sasl_oauth_token_provider": _FileToken(self._sign_in.secret)}
        return {
            **options,
            "sasl_plain_username": self._sign_in.username,
            "sasl_plain_password": _secret(self._sign_in.secret),
        }

    def refresh(self) -> bool:
        """Take up files that have changed (3); say whether that was so.

        Raises: UsageError where they do not fit, once for each change.
        """
        state = self._state()
        if state == self._seen:
            return False
        self._seen = state
        self._load(self._new())  # half written, or of two generations: what is in use stays as it is
        self._load(self.context)
        return True

    def _new(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        if self._files.authority is None:
            context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        else:
            _believe(context, self._files.authority)
        if self._files.certificate is not None and self._files.key is not None:
            self._check(self._files.certificate, self._files.key)
            _show(context, self._files.certificate, self._files.key)

    def _check(self, certificate: Path, key: Path) -> None:
        check_mode(key)  # (1)
        said, now = read_certificate(certificate), self._clock()
        if said.name != self._principal:  # (2)
            raise UsageError(f"{certificate}: is the certificate of {said.name}, not of {self._principal}")
        if not said.valid_from <= now < said.valid_until:
            raise UsageError(f"{certificate}: is valid from {said.valid_from:%Y-%m-%d} to {said.valid_until:%Y-%m-%d}")

    def _state(self) -> tuple[tuple[int, int], ...]:
        paths = (self._files.authority, self._files.certificate, self._files.key)
        return tuple(_version(path) for path in paths if path is not None)


@final
class _FileToken(AbstractTokenProvider):  # type: ignore[misc] # aiokafka has no types
    """Gives the token that the file holds when a connection is made: whoever renews it, renews the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def token(self) -> str:
        return _secret(self._path)


def check_in_the_clear(address: str) -> None:
    """Return where brokers may be used without TLS: on this machine alone (4). Raises: UsageError."""
    for one in address.split(","):
        host = one.rpartition(":")[0]
        try:
            loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise UsageError(f"log.tls: missing: {one} is another machine, and what goes there goes over TLS")


def check_mode(path: Path) -> None:
    """Return where only its owner can use a file with a secret. Raises: UsageError naming it."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    if mode & _OTHERS:
        raise UsageError(f"{path}: is open to others (mode {mode:04o}): replace the key, or chmod 600 it")


def _believe(context: ssl.SSLContext, authority: Path) -> None:
    try:
        context.load_verify_locations(authority)
    except ssl.SSLError:
        raise UsageError(f"{authority}: holds no certificate authority in PEM") from None
    except OSError as error:
        raise UsageError(f"{authority}: {(error.strerror or 'cannot be read').lower()}") from None


def _show(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError:
        raise UsageError(f"{key}: is not the private key of {certificate}") from None


def _no_password() -> str:
    # Otherwise OpenSSL asks at the terminal, and a service waits there for ever.
    return ""


def _secret(path: Path) -> str:
    check_mode(path)
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path}: cannot be read") from None
    if not secret:
        raise UsageError(f"{path}: is empty")
    return secret


def _version(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino
