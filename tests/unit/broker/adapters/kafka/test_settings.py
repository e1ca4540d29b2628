"""The traps of Kafka's options, each closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.adapters.crypto.certificates import Authority
from broker.adapters.kafka import Files, Security
from broker.adapters.kafka.settings import Settings
from broker.ports import MAX_VALUE_BYTES

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SESSIONS = [timedelta(seconds=1), timedelta(seconds=6), timedelta(seconds=45)]


def settings(session: timedelta = timedelta(seconds=6), security: Security | None = None) -> Settings:
    return Settings(bootstrap="127.0.0.1:9092", client_id="test", session=session, security=security)


@pytest.mark.parametrize("session", SESSIONS)
def test_a_member_does_not_give_up_a_join_that_waits_for_a_dead_member(session):
    options = settings(session).member("group", assignor=None)
    assert options["request_timeout_ms"] > options["session_timeout_ms"] + options["rebalance_timeout_ms"]


@pytest.mark.parametrize("session", SESSIONS)
def test_a_member_gives_several_signs_of_life_a_session(session):
    options = settings(session).member("group", assignor=None)
    assert 3 * options["heartbeat_interval_ms"] < options["session_timeout_ms"]


def test_a_member_that_reads_nothing_is_not_taken_for_stuck():
    assert settings().member("group", assignor=None)["max_poll_interval_ms"] > 20 * 24 * 3600 * 1000


@pytest.mark.parametrize("options", [settings().reader(), settings().member("group", assignor=None)])
def test_only_committed_messages_are_read_and_no_client_moves_a_position_by_itself(options):
    assert options["isolation_level"] == "read_committed"
    assert options["enable_auto_commit"] is False


def test_a_reader_never_jumps_to_another_offset():
    assert settings().reader()["auto_offset_reset"] == "none"


def test_a_writer_is_transactional_and_waits_for_every_replica():
    options = settings().writer("group-topic-0")
    assert options["transactional_id"] == "group-topic-0"
    assert options["acks"] == "all"
    assert options["enable_idempotence"] is True


def test_a_dead_writer_s_transaction_ends_within_the_broker_s_limit():
    """The broker refuses a longer one than its transaction.max.timeout.ms, which is 5 s."""
    assert settings().writer("id")["transaction_timeout_ms"] == 5000


def test_the_greatest_value_fits_with_its_key_and_frame():
    assert settings().writer("id")["max_request_size"] > MAX_VALUE_BYTES + 10_000
    assert settings().reader()["max_partition_fetch_bytes"] > MAX_VALUE_BYTES + 10_000


def test_every_client_shows_its_certificate_where_there_is_one(tmp_path: Path):
    Authority.make(tmp_path, name="an authority", now=NOW).issue("police", tmp_path / "police", now=NOW)
    files = Files(**{name: tmp_path / "police" / f"{name}.pem" for name in ("authority", "certificate", "key")})
    security = Security(files, principal="police", sign_in=None, clock=lambda: NOW)
    secure = settings(security=security)
    for options in (secure.common(), secure.writer("id"), secure.reader(), secure.member("group", assignor=None)):
        assert options["security_protocol"] == "SSL"
        assert options["ssl_context"] is security.context
    assert "key" not in repr(secure.security)
