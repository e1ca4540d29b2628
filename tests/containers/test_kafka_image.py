"""The Kafka image: the same secured node as without containers, seen from this machine through our own adapter."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from typing import Any

import pytest

from broker.adapters.crypto.certificates import AUTHORITY
from broker.adapters.kafka import KafkaLog
from broker.errors import NotAllowed, UnavailableError
from broker.partnership.certificates import ADMIN
from broker.partnership.home import KAFKA_FOLDER
from broker.ports import CommittedOffset, Outgoing

TOPIC = "mash.container.v1"


async def test_what_the_admin_publishes_over_mutual_tls_is_read_back(secured: Any) -> None:
    """The adapter needs nothing but the certificate."""
    log = KafkaLog(secured.bootstrap, client_id="test", security=secured.admin)
    try:
        await log.create_topics({TOPIC: 1})
        claim = await log.claim(TOPIC, 0, group="admin.test")
        sent = [Outgoing(topic=TOPIC, key=b"key", value=b"%d" % number) for number in range(3)]
        await claim.publish(sent, position=CommittedOffset(offset=3))
        read = await log.read(TOPIC, 0, offset=0, most=10, wait=timedelta(seconds=20))
        assert [message.value for message in read] == [b"0", b"1", b"2"]
    finally:
        await log.close()


async def test_a_client_without_a_certificate_is_refused(secured: Any) -> None:
    """It may know the authority: what counts is who it is. (With TLS 1.3 it learns so when it reads.)"""
    host, _, port = secured.bootstrap.rpartition(":")
    context = ssl.create_default_context(cafile=secured.home / KAFKA_FOLDER / ADMIN / AUTHORITY)
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
        await asyncio.wait_for(reader.read(1), 30)
    writer.close()


async def test_a_client_in_plain_text_is_refused(secured: Any) -> None:
    """There is no listener without TLS."""
    log = KafkaLog(secured.bootstrap, client_id="test")
    try:
        with pytest.raises(UnavailableError):
            await log.partitions(TOPIC)
    finally:
        await log.close()


async def test_a_principal_may_do_nothing_that_it_was_not_allowed(secured: Any) -> None:
    """Deny unless allowed, as on the nodes without containers."""
    audit = secured.security(secured.home / "hub-audit" / "tls", "hub-audit")
    log = KafkaLog(secured.bootstrap, client_id="test", security=audit)
    try:
        with pytest.raises(NotAllowed):
            await log.read(TOPIC, 0, offset=0, most=1, wait=timedelta(0))
    finally:
        await log.close()
