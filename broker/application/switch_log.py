"""Move a HOME from the embedded event log that it was made with to Kafka, while nothing has been sent yet.

Offsets and sequence numbers belong to one log. So a HOME moves only while its embedded log is empty, and only to
brokers without topics of its partnership's name: two homes under one name would fence and refuse each other.
"""

from __future__ import annotations

import asyncio
import re

from broker.bootstrap.event_log import log_access
from broker.bootstrap.principal import OpenPrincipal, open_principal
from broker.config import FILE_NAME, KafkaLogConfig, LogConfig, TlsConfig, write_config
from broker.errors import FieldError, NotAllowed, RejectedError, UnavailableError, UsageError
from broker.partnership.certificates import tls_of
from broker.partnership.home import Home
from schemas.topics import Family, topic_name
from schemas.vocabulary import PrincipalRole

BOOTSTRAP = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}(,[A-Za-z0-9.-]+:[0-9]{1,5})*")


def check_address(address: str) -> None:
    """Check that the address is HOST:PORT,...; raises FieldError `brokers` otherwise."""
    if not BOOTSTRAP.fullmatch(address):
        raise FieldError("brokers", "is not HOST:PORT,...")


def move_to_kafka(home: Home, address: str) -> None:
    """Set those brokers as the log in every configuration of this HOME. Repeating the same move changes nothing.

    Principals that have certificates show them from then on.
    Raises: UsageError, also where no broker there can be used.
    """
    check_address(address)
    configs = {name: home.config(name) for name in home.principals}
    wanted = {
        name: _on_kafka(config.log, address=address, tls=tls_of(home.folder(name))) for name, config in configs.items()
    }
    if all(config.log == wanted[name] for name, config in configs.items()):
        return
    asyncio.run(_check_unused(home, wanted[home.one_of_role(PrincipalRole.REQUESTER)]))
    # Crash here: some configurations name the brokers and some do not; the same command again finishes the move.
    for name, config in configs.items():
        write_config(home.folder(name) / FILE_NAME, config.model_copy(update={"log": wanted[name]}))


def _on_kafka(current: LogConfig, *, address: str, tls: TlsConfig | None) -> KafkaLogConfig:
    if not isinstance(current, KafkaLogConfig):
        return KafkaLogConfig(address=address, tls=tls)
    # Without a certificate of its own, the principal keeps the authority and password of a managed service.
    return KafkaLogConfig(address=address, tls=tls or current.tls, sasl=current.sasl)


async def _check_unused(home: Home, wanted: LogConfig) -> None:
    principal = open_principal(home.folder(home.one_of_role(PrincipalRole.REQUESTER)))
    try:
        for config, fault in (
            (principal.config.log, UsageError(f"{home.path}: has run on its log already; make a new home for Kafka")),
            (wanted, FieldError("brokers", "these hold this partnership's topics from another home already")),
        ):
            if await _used(principal, config):
                raise fault
    finally:
        principal.close()


async def _used(principal: OpenPrincipal, config: LogConfig) -> bool:
    name, folder = principal.config.principal, principal.folder
    log = log_access(config, folder=folder, principal=name, clock=principal.clock).open()
    try:
        return await log.end(topic_name(principal.config.partnership, Family.AUDIT), 0) > 0
    except (RejectedError, NotAllowed):
        return False  # no such topic, or none that the hub may use: this partnership never sent anything there
    except UnavailableError:
        if not log.remote:
            raise
        raise FieldError("brokers", await log.why_unavailable()) from None
    finally:
        await log.close()
