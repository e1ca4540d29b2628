"""Brokers that sign clients in by SASL inside TLS, as managed services do: by configuration, with the same rights."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import secured
from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from broker.adapters.crypto.certificates import AUTHORITY, CERTIFICATE, KEY
from broker.application.create import make_home
from broker.bootstrap.principal import open_principal
from broker.config import FILE_NAME, KafkaLogConfig, SaslConfig, TlsConfig, write_config
from broker.errors import NotAllowed, UnavailableError, UsageError
from broker.partnership.home import Home, open_home
from broker.partnership.provisioning import open_provisioning
from schemas.topics import Family, topic_name

PASSWORD = "invented for a test"
NAME = "managed"


def three_ports() -> int:
    """Return the first of three ports in a row that nothing listens on."""
    while True:
        with socket.socket() as first, socket.socket() as second, socket.socket() as third:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
                third.bind(("127.0.0.1", port + 2))
            except OSError:
                continue
            return port


@pytest.fixture(scope="module")
def managed(node_parts: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    """A node with a second listener, where a client needs no certificate but a password or a token."""
    port = three_ports()
    modules = "org.apache.kafka.common.security"
    further = {
        "listeners": f"AGENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{port + 1},MANAGED://127.0.0.1:{port + 2}",
        "advertised.listeners": f"AGENTS://127.0.0.1:{port},MANAGED://127.0.0.1:{port + 2}",
        "listener.security.protocol.map": "AGENTS:SSL,CONTROLLER:SSL,MANAGED:SASL_SSL",
        "listener.name.managed.ssl.client.auth": "none",
        "listener.name.managed.sasl.enabled.mechanisms": "SCRAM-SHA-512,OAUTHBEARER",
        "listener.name.managed.scram-sha-512.sasl.jaas.config": f"{modules}.scram.ScramLoginModule required;",
        "listener.name.managed.oauthbearer.sasl.jaas.config": (
            f"{modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=broker;"
        ),
    }
    cluster = secured.secured_cluster(tmp_path_factory.mktemp("managed"), nodes=1, first_port=port, further=further)
    try:
        cluster.start()
        _add_user(cluster, "police")
        yield cluster, f"127.0.0.1:{port + 2}"
    finally:
        cluster.kill()


def _add_user(cluster: Any, name: str) -> None:
    files = {"ca": AUTHORITY, "certificate": CERTIFICATE, "key": KEY}
    places = {f"ssl.{word}.location": str(cluster.admin / file) for word, file in files.items()}
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap, "security.protocol": "SSL", **places})
    credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    change = UserScramCredentialUpsertion(name, credential, PASSWORD.encode())
    for done in admin.alter_user_scram_credentials([change]).values():
        done.result(30)


@pytest.fixture(scope="module")
def home(managed: tuple[Any, str], tmp_path_factory: pytest.TempPathFactory) -> Home:
    cluster, _ = managed
    path = tmp_path_factory.mktemp("partnership") / "home"
    organisations = ["police=POLICE", "health=HEALTH"]
    make_home(path, profile="northamptonshire", organisations=organisations, review=[], partnership=NAME)
    home = open_home(path)
    open_provisioning(home, kafka=cluster.bootstrap, admin=cluster.admin, development=True).apply()
    return home


def configured(home: Home, managed: tuple[Any, str], *, mechanism: Any, secret: str) -> Home:
    """Write into the police's configuration how the managed listener signs them in."""
    cluster, address = managed
    folder = home.folder("police")
    path = folder / "secret"
    path.touch(0o600)
    path.write_text(secret)
    sasl = SaslConfig(
        mechanism=mechanism, username="police" if mechanism != "OAUTHBEARER" else None, secret_file="secret"
    )
    tls = TlsConfig(authority=str(cluster.admin / AUTHORITY))
    log = KafkaLogConfig(address=address, tls=tls, sasl=sasl)
    write_config(folder / FILE_NAME, home.config("police").model_copy(update={"log": log}))
    return home


def token(subject: str) -> str:
    """A token that this node believes unsigned: what a provider would sign."""
    parts = ({"alg": "none"}, {"sub": subject, "iat": int(time.time()), "exp": int(time.time()) + 3600})
    words = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*words, ""))


async def sees(home: Home, organisation: str) -> int:
    """Return the number of partitions of an organisation's requests, as the police may see it."""
    principal = open_principal(home.folder("police"), observe=lambda *_: None)
    log = principal.log()
    try:
        return await log.partitions(topic_name(NAME, Family.REQUESTS, organisation))
    finally:
        await log.close()
        principal.close()


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "OAUTHBEARER"])
def test_who_signs_in_has_its_principals_rights_and_no_other(
    home: Home, managed: tuple[Any, str], mechanism: str
) -> None:
    secret = PASSWORD if mechanism.startswith("SCRAM") else token("police")
    configured(home, managed, mechanism=mechanism, secret=secret)
    assert asyncio.run(sees(home, "police")) == 4
    with pytest.raises(NotAllowed):
        asyncio.run(sees(home, "health"))


@pytest.mark.parametrize(("mechanism", "secret"), [("SCRAM-SHA-512", "another"), ("OAUTHBEARER", "no token")])
def test_a_wrong_secret_does_not_get_in(home: Home, managed: tuple[Any, str], mechanism: str, secret: str) -> None:
    configured(home, managed, mechanism=mechanism, secret=secret)
    with pytest.raises(UnavailableError):
        asyncio.run(sees(home, "police"))


def test_a_secret_that_others_can_read_stops_the_start(home: Home, managed: tuple[Any, str]) -> None:
    configured(home, managed, mechanism="SCRAM-SHA-512", secret=PASSWORD)
    (home.folder("police") / "secret").chmod(0o644)
    with pytest.raises(UsageError, match=r"secret: is open to others \(mode 0644\)"):
        open_principal(home.folder("police"), observe=lambda *_: None)
