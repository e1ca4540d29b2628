"""Authentication between a client and the brokers: TLS 1.3 with a client certificate, or SASL inside TLS.

Promise: (1) a file with a private key or a password that others can read is not used; (2) a certificate that is not
this principal's, is outside its validity, or does not fit its key stops the start with one line; (3) renewed files are
loaded while the process runs, for every connection made from then on, once they fit, and the old ones stay in use until
they do; (4) a connection to another machine is never in the clear.
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
from broker.ports import Certified, Clock, Credentials

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Mechanism(StrEnum):
    """SASL mechanisms inside TLS (RFC 5802, RFC 7628). PLAIN is left out: it sends the broker the password."""

    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"
    OAUTHBEARER = "OAUTHBEARER"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Paths of the PEM files. Without `authority` the system's certificate authorities are trusted; without the other
    two no client certificate is shown, which brokers that authenticate by SASL allow."""

    authority: Path | None
    certificate: Path | None
    key: Path | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A SASL mechanism and the file of its secret: a password, or a token that another process renews in the file."""

    mechanism: Mechanism
    username: str | None
    secret: Path


@final
class Security(Credentials):
    """The `Credentials` of one process on Kafka. `principal` must be its certificate's common name.

    Raises: UsageError where the files do not fit.
    """

    def __init__(self, files: Files, *, principal: str, sign_in: SignIn | None, clock: Clock) -> None:
        self._files = files
        self._principal = principal
        self._sign_in = sign_in
        self._clock = clock
        self._seen = self._state()
        self.context = self._new()
        self._load(self.context)
        if sign_in is not None:
            _secret(sign_in.secret)  # only a check at the start: each connection reads the file again

    @property
    def certified(self) -> Certified | None:
        return None if self._files.certificate is None else read_certificate(self._files.certificate)

    def options(self) -> dict[str, object]:
        """Return the security options of every aiokafka client."""
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
        state = self._state()
        if state == self._seen:
            return False
        self._seen = state
        # (3) Tried on a context of its own: files half written, or of two generations, leave the one in use as it is.
        self._load(self._new())
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
    """Reads the token from its file for each connection, so that renewing the file renews the token."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def token(self) -> str:
        return _secret(self._path)


def check_in_the_clear(address: str) -> None:
    """Check that every broker is on this machine: only there a connection needs no TLS (4). Raises: UsageError."""
    for one in address.split(","):
        host = one.rpartition(":")[0]
        try:
            loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise UsageError(f"log.tls: missing: {one} is another machine, and what goes there goes over TLS")


def check_mode(path: Path) -> None:
    """Check that nobody but its owner can use a file with a secret (1). Raises: UsageError naming the file."""
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
    # Without this OpenSSL prompts for the passphrase of an encrypted key, and a service would wait for ever.
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
