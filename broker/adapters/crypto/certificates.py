"""Certificates for development and tests: one authority, and what it issues to nodes, processes and provisioning.

Promise: a certificate's common name is the process identity, which Kafka takes for the principal; keys are made once,
are readable by their owner only, and never leave the folder that they were made in. In production the partnership's own
PKI issues the same three files a process (docs/kafka.md); nothing but this file's callers would change.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from broker.errors import UsageError
from broker.ports import Certified

KEY, CERTIFICATE, AUTHORITY = "key.pem", "certificate.pem", "authority.pem"
"""The three files of a TLS party: private key, own certificate, and trusted authority."""

AUTHORITY_KEY: Final = "authority-key.pem"
AUTHORITY_LIFE: Final = timedelta(days=365)
LIFE: Final = timedelta(days=90)
_BACKDATED: Final = timedelta(minutes=5)  # for a clock that is a little behind
_OWNER_ONLY: Final = 0o600


@final
class Authority:
    """A development certificate authority: a folder with its certificate and its private key."""

    def __init__(self, folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._folder = folder
        self._certificate = certificate
        self._key = key

    @classmethod
    def make(cls, folder: Path, *, name: str, now: datetime) -> Authority:
        """Make an authority in a new folder. Raises: UsageError where the folder holds one already."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key, subject = ec.generate_private_key(ec.SECP256R1()), _named(name)
        certificate = (
            _builder(subject, subject, key.public_key(), now=now, life=AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        _write(folder / AUTHORITY_KEY, _private(key))
        _write(folder / AUTHORITY, certificate.public_bytes(serialization.Encoding.PEM))
        return cls(folder, certificate, key)

    @classmethod
    def load(cls, folder: Path) -> Authority:
        """Load an authority. Raises: UsageError naming the file."""
        path = folder / AUTHORITY_KEY
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
            certificate = x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes())
        except OSError as error:
            raise UsageError(f"{error.filename}: {(error.strerror or 'cannot be read').lower()}") from None
        except ValueError:
            raise UsageError(f"{folder}: holds no certificate authority that can be read") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise UsageError(f"{path}: is no key that this authority makes")
        return cls(folder, certificate, key)

    def issue(self, name: str, folder: Path, *, now: datetime, hosts: Sequence[str] = ()) -> None:
        """Make a key and a certificate for `name` in a folder of its own; `hosts` are the names that it serves under.

        Raises: UsageError where the folder holds one already.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(_named(name), self._certificate.subject, key.public_key(), now=now, life=LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(_purposes(serves=bool(hosts))), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if hosts:
            names = x509.SubjectAlternativeName([_host(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        _write(folder / KEY, _private(key))
        _write(folder / CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM))
        _write(folder / AUTHORITY, self._certificate.public_bytes(serialization.Encoding.PEM))


def read_certificate(path: Path) -> Certified:
    """Read the first certificate of a PEM file, without believing it. Raises: UsageError naming the file."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    except ValueError:
        raise UsageError(f"{path}: holds no certificate in PEM") from None
    if len(names) != 1:
        raise UsageError(f"{path}: the certificate has {len(names)} common names, not one")
    return Certified(
        name=str(names[0].value),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - _BACKDATED)
        .not_valid_after(now.astimezone(UTC) + life)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _purposes(*, serves: bool) -> list[x509.ObjectIdentifier]:
    # A process that serves nobody must not be able to pose as a node with the certificate that it connects with.
    client, server = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
    return [server, client] if serves else [client]


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    try:
        # O_EXCL: a key that is in use is never written over.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be made').lower()}") from None
    with os.fdopen(handle, "wb") as file:
        file.write(content)
