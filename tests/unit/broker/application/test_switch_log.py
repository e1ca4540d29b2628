"""Moving a HOME to Kafka: what each principal's configuration says afterwards, and what stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.application import switch_log
from broker.application.switch_log import move_to_kafka
from broker.bootstrap.principal import utc_now
from broker.config import FILE_NAME, KafkaLogConfig, LogConfig, SaslConfig, TlsConfig, write_config
from broker.errors import FieldError
from broker.partnership.certificates import certify, tls_of
from broker.partnership.home import Home, open_home

BROKERS, OTHERS = "127.0.0.1:1", "127.0.0.1:2"


@pytest.fixture
def opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A HOME whose logs, the old one and the new one, have never been used."""

    async def unused(home: Home, wanted: LogConfig) -> None:
        assert isinstance(wanted, KafkaLogConfig)

    monkeypatch.setattr(switch_log, "_check_unused", unused)
    return open_home(home)


def test_without_certificates_the_brokers_are_used_in_the_clear(opened: Home) -> None:
    move_to_kafka(opened, BROKERS)
    assert {name: opened.config(name).log for name in opened.principals} == dict.fromkeys(
        opened.principals, KafkaLogConfig(address=BROKERS)
    )


def test_each_principal_shows_its_own_certificate_from_then_on(opened: Home) -> None:
    certify(opened, authority_folder=None, now=utc_now())
    move_to_kafka(opened, BROKERS)
    log = opened.config("police").log
    assert isinstance(log, KafkaLogConfig)
    assert log.tls == tls_of(opened.folder("police"))


def test_how_a_managed_service_signs_a_principal_in_stays(opened: Home) -> None:
    tls = TlsConfig(authority="authority.pem")
    sasl = SaslConfig(mechanism="SCRAM-SHA-512", username="police", secret_file="secret")
    config = opened.config("police")
    log = KafkaLogConfig(address=BROKERS, tls=tls, sasl=sasl)
    write_config(opened.folder("police") / FILE_NAME, config.model_copy(update={"log": log}))
    move_to_kafka(opened, OTHERS)
    assert opened.config("police").log == KafkaLogConfig(address=OTHERS, tls=tls, sasl=sasl)


def test_the_same_brokers_again_change_nothing(opened: Home) -> None:
    move_to_kafka(opened, BROKERS)
    before = (opened.folder("police") / FILE_NAME).stat().st_mtime_ns
    move_to_kafka(opened, BROKERS)
    assert (opened.folder("police") / FILE_NAME).stat().st_mtime_ns == before


def test_what_names_no_brokers_is_no_address(opened: Home) -> None:
    with pytest.raises(FieldError, match="HOST:PORT"):
        move_to_kafka(opened, "brokers")
