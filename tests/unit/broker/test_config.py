"""The configuration file: each kind of log has its own keys, and a fault names file, key and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.config import FILE_NAME, EmbeddedLogConfig, KafkaLogConfig, load_config, write_config
from broker.errors import UsageError
from broker.partnership.home import Home, open_home

TLS = '[log.tls]\nauthority = "tls/authority.pem"\ncertificate = "tls/certificate.pem"\nkey = "tls/key.pem"\n'
SCRAM = '[log.sasl]\nmechanism = "SCRAM-SHA-512"\nusername = "police"\nsecret_file = "secret"\n'
TOKEN = '[log.sasl]\nmechanism = "OAUTHBEARER"\nsecret_file = "secret"\n'
AUTHORITY = '[log.tls]\nauthority = "tls/authority.pem"\n'


@pytest.fixture
def opened(home: Path) -> Home:
    return open_home(home)


def with_log(opened: Home, lines: str) -> Path:
    """Write the police's configuration with other lines in the place of its log."""
    path = opened.folder("police") / FILE_NAME
    before, _, rest = path.read_text("utf-8").partition("[log]\n")
    after = rest[rest.index("[directory]") :]
    path.write_text(f"{before}{lines}{after}", "utf-8")
    return path


def kafka(more: str = "") -> str:
    return f'[log]\nkind = "kafka"\naddress = "127.0.0.1:9092"\n{more}'


def test_a_home_begins_on_its_embedded_log(opened: Home) -> None:
    assert opened.config("police").log == EmbeddedLogConfig(address="../log.sqlite")


@pytest.mark.parametrize("more", ["", TLS, TLS + SCRAM, AUTHORITY + TOKEN])
def test_a_log_on_kafka_is_written_as_it_is_read(opened: Home, more: str) -> None:
    path = with_log(opened, kafka(more))
    text, config = path.read_text("utf-8"), load_config(path)
    assert isinstance(config.log, KafkaLogConfig)
    write_config(path, config)
    assert load_config(path) == config
    assert kafka() in text.replace("\n\n", "\n")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('[log]\naddress = "log.sqlite"\n', "log.kind: missing"),
        ('[log]\nkind = "pigeon"\naddress = "loft"\n', "log.kind: enum"),
        ('[log]\nkind = "embedded"\n', "log.address: missing"),
        ('[log]\nkind = "kafka"\n', "log.address: missing"),
        (f'[log]\nkind = "embedded"\naddress = "log.sqlite"\n{TLS}', "log.tls: extra forbidden"),
        (kafka(TLS + "colour = 1\n"), "log.tls.colour: extra forbidden"),
        (kafka('[log.sasl]\nmechanism = "PLAIN"\nsecret_file = "secret"\n'), "log.sasl.mechanism: literal error"),
        (kafka(SCRAM), "log.sasl: without log.tls the password would go out in the clear"),
        (kafka(TLS + TOKEN + 'username = "police"\n'), "log.sasl: username is given with SCRAM, and only with it"),
        (kafka(TLS.replace("key =", "#")), "log.tls: certificate and key are given together or not at all"),
        (kafka(AUTHORITY), "log.tls: a certificate and its key, or log.sasl, must say who this is"),
    ],
)
def test_a_fault_names_file_key_and_rule(opened: Home, lines: str, says: str) -> None:
    path = with_log(opened, lines)
    with pytest.raises(UsageError) as caught:
        load_config(path)
    assert str(caught.value) == f"{path}: {says}"
