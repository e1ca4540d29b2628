"""Who has no business on the brokers is refused, by the brokers, and hears why. What they say is printed.

Each attempt is made through this product's own client, or where that would refuse to try, by hand.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from secured import security

from broker.adapters.crypto.certificates import AUTHORITY, CERTIFICATE, KEY, Authority
from broker.adapters.kafka import Files, KafkaLog, Security, why_not
from broker.errors import NotAllowed, UnavailableError
from broker.ports import CommittedOffset, Outgoing
from schemas.topics import Family, topic_name
from tests.kafka.access_probe import provision
from tests.provision_world import directory

PARTNERSHIP = "matrix"
NOW = datetime.now(UTC)
CHECKPOINTS = topic_name(PARTNERSHIP, Family.CHECKPOINTS)
OWN_REQUESTS = topic_name(PARTNERSHIP, Family.REQUESTS, "police")
OTHERS_ANSWERS = topic_name(PARTNERSHIP, Family.ANSWERS, "hub", "health")

Say = Callable[[str, object], None]


@pytest.fixture(scope="module")
def cluster(secured_cluster: Any) -> Any:
    provision(secured_cluster, directory(PARTNERSHIP))
    return secured_cluster


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Print what was heard, whatever pytest captures."""

    def told(who: str, words: object) -> None:
        with capsys.disabled():
            print(f"\n  {who}: {words}", end="")

    return told


@pytest.fixture
async def open_log(cluster: Any) -> AsyncIterator[Callable[[Security | None], KafkaLog]]:
    """Open a log of this product as somebody."""
    made: list[KafkaLog] = []

    def log(way: Security | None) -> KafkaLog:
        made.append(KafkaLog(cluster.bootstrap, client_id="test", session=timedelta(seconds=1.5), security=way))
        return made[-1]

    yield log
    for one in made:
        await one.close()


def shown(cluster: Any, *, certificate: Path | None, believed: Path | None = None) -> ssl.SSLContext:
    """Return a client's context, made by hand: it shows what it is given, and believes the cluster's authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations((believed or cluster.admin) / AUTHORITY)
    if certificate is not None:
        context.load_cert_chain(certificate / CERTIFICATE, certificate / KEY)
    return context


async def refused(cluster: Any, context: ssl.SSLContext | None) -> str:
    """Return what the nodes say, each the same."""
    [words] = {(await why_not(node, context)).split(" ", 4)[-1] for node in cluster.bootstrap.split(",")}
    return words


async def test_who_the_table_names_is_let_in(cluster: Any, open_log: Any) -> None:
    """Otherwise nothing below would mean anything."""
    police = open_log(security(cluster.issue("police"), "police"))
    claim = await police.claim(OWN_REQUESTS, 0, group="police.refusals")
    audit = topic_name(PARTNERSHIP, Family.AUDIT)
    await claim.publish(
        [Outgoing(topic=audit, key=b"k", value=b"v")], position=CommittedOffset(offset=claim.position.offset)
    )
    await claim.release()


async def test_plain_text_client_is_refused(cluster: Any, open_log: Any, say: Say) -> None:
    with pytest.raises(UnavailableError):
        await open_log(None).partitions(CHECKPOINTS)
    host, _, port = cluster.bootstrap.split(",")[0].rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    # ApiVersions, version 0, with a correlation id and no client id: what every Kafka client says first.
    writer.write((10).to_bytes(4, "big") + bytes([0, 18, 0, 0, 0, 0, 0, 7, 255, 255]))
    heard = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    say("plain text", f"hung up after {heard.hex() or 'no byte'} (21 is a TLS alert)")
    assert heard[:1] in (b"", b"\x15")


async def test_client_without_a_certificate_is_refused(cluster: Any, open_log: Any, say: Say) -> None:
    files = Files(authority=cluster.admin / AUTHORITY, certificate=None, key=None)
    way = Security(files, principal="police", sign_in=None, clock=lambda: NOW)
    with pytest.raises(UnavailableError):
        await open_log(way).partitions(CHECKPOINTS)
    words = await refused(cluster, shown(cluster, certificate=None))
    say("no certificate", words)
    assert "alert" in words
    assert "certificate" in words


async def test_certificate_of_another_authority_is_refused(
    cluster: Any, open_log: Any, say: Say, tmp_path: Path
) -> None:
    """The name on it is right, and whoever wrote it there has no say here."""
    Authority.make(tmp_path / "other", name="mash development authority", now=NOW).issue("police", tmp_path, now=NOW)
    files = Files(authority=cluster.admin / AUTHORITY, certificate=tmp_path / CERTIFICATE, key=tmp_path / KEY)
    with pytest.raises(UnavailableError):
        await open_log(Security(files, principal="police", sign_in=None, clock=lambda: NOW)).partitions(CHECKPOINTS)
    words = await refused(cluster, shown(cluster, certificate=tmp_path))
    say("another authority's certificate", words)
    assert "unknown" in words


async def test_certificate_past_its_time_is_refused(cluster: Any, say: Say, tmp_path: Path) -> None:
    """The product would not start with it; the brokers do not take it either."""
    cluster.authority.issue("police", tmp_path, now=NOW - timedelta(days=200))
    words = await refused(cluster, shown(cluster, certificate=tmp_path))
    say("certificate past its time", words)
    assert "certificate" in words


async def test_older_tls_is_refused(cluster: Any, say: Say) -> None:
    context = shown(cluster, certificate=cluster.issue("police"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    words = await refused(cluster, context)
    say("TLS 1.2", words)
    assert "protocol_version" in words


async def test_brokers_of_another_authority_are_refused_by_us(cluster: Any, say: Say, tmp_path: Path) -> None:
    """Whoever stands in for a broker hears nothing from an agent."""
    Authority.make(tmp_path, name="another authority", now=NOW)
    words = await refused(cluster, shown(cluster, certificate=None, believed=tmp_path))
    say("a broker that our authority did not certify", words)
    assert "certificate" in words


async def test_stranger_with_a_certificate_sees_nothing(cluster: Any, open_log: Any, say: Say) -> None:
    """Certified by the right authority, and not in the directory."""
    with pytest.raises(NotAllowed) as heard:
        await open_log(security(cluster.issue("stranger"), "stranger")).partitions(CHECKPOINTS)
    say("stranger", heard.value)


async def test_one_organisation_cannot_answer_for_another(cluster: Any, open_log: Any, say: Say) -> None:
    police = open_log(security(cluster.issue("police"), "police"))
    claim = await police.claim(OWN_REQUESTS, 0, group="police.refusals")
    with pytest.raises(NotAllowed) as heard:
        await claim.publish([Outgoing(topic=OTHERS_ANSWERS, key=b"k", value=b"v")], position=CommittedOffset(offset=0))
    say("police, publishing an answer of health's", heard.value)
    assert OTHERS_ANSWERS in str(heard.value)


async def test_another_s_topic_cannot_be_written_by_hand(cluster: Any, say: Say) -> None:
    """Not even by a client that asks nothing first: the produce itself is refused."""
    way = security(cluster.issue("police"), "police")
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, **way.options())
    await producer.start()
    try:
        with pytest.raises(KafkaError) as heard:
            await producer.send_and_wait(OTHERS_ANSWERS, b"v", partition=0)
    finally:
        await producer.stop()
    say("police, producing to health's answers", repr(heard.value))
    assert "TopicAuthorizationFailed" in repr(heard.value)


@pytest.mark.parametrize(
    ("what", "attempt"),
    [
        (
            "reading another's requests",
            lambda log: log.read(OWN_REQUESTS.replace("police", "health"), 0, offset=0, most=1, wait=timedelta(0)),
        ),
        ("claiming under another's name", lambda log: log.claim(OWN_REQUESTS, 0, group="health.requests")),
        ("looking at another's position", lambda log: log.committed(CHECKPOINTS, 0, group="health.requests")),
    ],
)
async def test_one_organisation_cannot_pass_for_another(
    cluster: Any, open_log: Any, say: Say, what: str, attempt: Callable[[KafkaLog], Awaitable[object]]
) -> None:
    """A claim under another's name would fence it: nobody could stall an agent so."""
    with pytest.raises(UnavailableError) as heard:
        await attempt(open_log(security(cluster.issue("police"), "police")))
    say(f"police, {what}", heard.value)
    assert "Authorization" in str(heard.value)
