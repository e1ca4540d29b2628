"""Certificates and secrets: whose they are, who may read them, when they change, and that nothing goes in the clear."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.adapters.crypto.certificates import AUTHORITY, CERTIFICATE, KEY, LIFE, Authority, read_certificate
from broker.adapters.kafka import Files, KafkaLog, Mechanism, Security, SignIn, check_in_the_clear
from broker.errors import UsageError

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
Make = Callable[..., Security]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path / "authority", name="an authority", now=NOW)


@pytest.fixture
def folder(authority: Authority, tmp_path: Path) -> Path:
    """The police's three files."""
    authority.issue("police", tmp_path / "police", now=NOW)
    return tmp_path / "police"


def made(folder: Path, *, principal: str = "police", now: datetime = NOW, sign_in: SignIn | None = None) -> Security:
    files = Files(authority=folder / AUTHORITY, certificate=folder / CERTIFICATE, key=folder / KEY)
    return Security(files, principal=principal, sign_in=sign_in, clock=lambda: now)


def test_a_certificate_is_shown_and_only_tls_1_3_is_spoken(folder: Path):
    security = made(folder)
    assert security.options() == {"security_protocol": "SSL", "ssl_context": security.context}
    assert security.context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert security.context.verify_mode is ssl.CERT_REQUIRED
    assert security.context.check_hostname
    assert security.certified is not None
    assert security.certified.name == "police"


def test_another_principals_certificate_stops_the_start(folder: Path):
    with pytest.raises(UsageError, match="is the certificate of police, not of hub"):
        made(folder, principal="hub")


@pytest.mark.parametrize("moved", [LIFE, timedelta(days=-1)])
def test_a_certificate_out_of_its_time_stops_the_start(folder: Path, moved: timedelta):
    with pytest.raises(UsageError, match=r"certificate\.pem: is valid from 2026-11-23 to 2027-02-21"):
        made(folder, now=NOW + moved)


def test_a_key_that_others_can_read_stops_the_start(folder: Path):
    (folder / KEY).chmod(0o640)
    with pytest.raises(UsageError, match=r"key\.pem: is open to others \(mode 0640\)"):
        made(folder)


def test_a_key_of_another_certificate_stops_the_start(folder: Path, authority: Authority, tmp_path: Path):
    authority.issue("police", tmp_path / "again", now=NOW)
    (folder / KEY).write_bytes((tmp_path / "again" / KEY).read_bytes())
    with pytest.raises(UsageError, match=r"key\.pem: is not the private key of .*certificate\.pem"):
        made(folder)


@pytest.mark.parametrize("name", [AUTHORITY, CERTIFICATE, KEY])
def test_a_missing_file_is_named(folder: Path, name: str):
    (folder / name).unlink()
    with pytest.raises(UsageError, match=rf"{name}: no such file"):
        made(folder)


@pytest.mark.parametrize("name", [AUTHORITY, CERTIFICATE])
def test_a_file_that_is_no_pem_is_named(folder: Path, name: str):
    (folder / name).write_text("nothing of the kind")
    with pytest.raises(UsageError, match=f"{name}: holds no certificate"):
        made(folder)


def test_an_encrypted_key_does_not_wait_for_a_password(folder: Path):
    (folder / KEY).write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n")
    with pytest.raises(UsageError, match="is not the private key"):
        made(folder)


def test_new_files_are_taken_up_by_the_context_in_use(folder: Path, authority: Authority, tmp_path: Path):
    security = made(folder)
    context = security.context
    assert not security.refresh()
    authority.issue("police", tmp_path / "new", now=NOW + timedelta(minutes=1))
    for name in (KEY, CERTIFICATE):
        (tmp_path / "new" / name).replace(folder / name)
    assert security.refresh()
    assert security.context is context
    assert security.certified is not None
    assert security.certified.valid_until == NOW + timedelta(minutes=1) + LIFE
    assert not security.refresh()


def test_files_of_two_generations_leave_the_old_ones_in_use(folder: Path, authority: Authority, tmp_path: Path):
    security = made(folder)
    authority.issue("police", tmp_path / "new", now=NOW)
    (tmp_path / "new" / CERTIFICATE).replace(folder / CERTIFICATE)
    with pytest.raises(UsageError, match="is not the private key"):
        security.refresh()
    assert not security.refresh()  # told once
    (tmp_path / "new" / KEY).replace(folder / KEY)
    assert security.refresh()


def test_a_process_cannot_pose_as_a_node_with_its_certificate(folder: Path):
    context = ssl.create_default_context(cafile=folder / AUTHORITY)
    context.check_hostname = False
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    sides = [ssl.MemoryBIO() for _ in range(2)]
    client = context.wrap_bio(sides[0], sides[1])
    posing = server.wrap_bio(sides[1], sides[0], server_side=True)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with pytest.raises(ssl.SSLWantReadError):
        posing.do_handshake()
    with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
        client.do_handshake()


def test_no_key_is_written_over(folder: Path, authority: Authority):
    with pytest.raises(UsageError, match=r"key\.pem: file exists"):
        authority.issue("police", folder, now=NOW)


def test_a_scram_password_comes_from_a_file_of_its_own(folder: Path):
    secret = folder / "password"
    secret.touch(0o600)
    secret.write_text("invented\n")
    sign_in = SignIn(mechanism=Mechanism.SCRAM_SHA_512, username="police", secret=secret)
    options = made(folder, sign_in=sign_in).options()
    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("police", "invented")
    secret.chmod(0o604)
    with pytest.raises(UsageError, match="open to others"):
        made(folder, sign_in=sign_in)


async def test_a_token_is_read_again_for_each_connection(folder: Path):
    secret = folder / "token"
    secret.touch(0o600)
    secret.write_text("first")
    sign_in = SignIn(mechanism=Mechanism.OAUTHBEARER, username=None, secret=secret)
    provider = made(folder, sign_in=sign_in).options()["sasl_oauth_token_provider"]
    secret.write_text("second")
    assert await provider.token() == "second"  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", ["127.0.0.1:9092", "localhost:9092,127.0.0.2:9092"])
def test_brokers_on_this_machine_may_be_used_in_the_clear(address: str):
    check_in_the_clear(address)


@pytest.mark.parametrize("address", ["kafka-1:9092", "127.0.0.1:9092,192.0.2.7:9092"])
def test_brokers_elsewhere_may_not(address: str):
    with pytest.raises(UsageError, match=r"log\.tls: missing"):
        check_in_the_clear(address)


def test_a_certificate_says_whose_it_is(folder: Path):
    said = read_certificate(folder / CERTIFICATE)
    assert (said.name, said.valid_until) == ("police", NOW + LIFE)


def test_only_brokers_that_know_who_is_who_are_an_administrators_to_provision(folder: Path):
    """On brokers in the clear, which are this machine's own, the hub makes the topics."""
    secured = KafkaLog("127.0.0.1:1", client_id="police", security=made(folder))
    in_the_clear = KafkaLog("127.0.0.1:1", client_id="police")
    assert (secured.provisioned_by, in_the_clear.provisioned_by) == ("mash kafka apply HOME", None)


async def test_a_log_on_kafka_says_why_it_cannot_be_used():
    assert await KafkaLog("127.0.0.1:1", client_id="police").why_unavailable() == (
        "no broker answers at 127.0.0.1:1 (connection refused)"
    )
