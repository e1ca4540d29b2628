"""Composition of one process's event log: adapter, address and credentials, from its configuration.

Promise: the log connects at its first use only, and sends nothing to another machine in the clear.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, assert_never, final

from broker.adapters.embedded import EmbeddedLog
from broker.config import EmbeddedLogConfig, KafkaLogConfig, LogConfig
from broker.ports import Clock, Credentials, EventLog

if TYPE_CHECKING:
    from broker.adapters.kafka import Security


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LogAccess:
    """One process's access to its log: its credentials, and `open`, which makes a new instance of the log.

    `open` raises UsageError for a plaintext connection to another machine; the instance connects at its first use.
    """

    credentials: Credentials | None = field(repr=False)
    open: Callable[[], EventLog] = field(repr=False)


def log_access(config: LogConfig, *, folder: Path, principal: str, clock: Clock) -> LogAccess:
    """Return the log access of a process with its files in `folder`. Raises: UsageError for files that do not fit."""
    match config:
        case EmbeddedLogConfig():
            path = _path(folder, config.address)
            return LogAccess(credentials=None, open=lambda: EmbeddedLog(path))
        case KafkaLogConfig():
            security = _security(config, folder=folder, principal=principal, clock=clock)
            return LogAccess(
                credentials=security,
                open=lambda: _open_kafka(config, folder=folder, principal=principal, security=security),
            )
        case _:
            assert_never(config)


def _open_kafka(config: KafkaLogConfig, *, folder: Path, principal: str, security: Security | None) -> EventLog:
    from broker.adapters import kafka  # a process on the embedded log never loads aiokafka

    if security is None:
        kafka.check_in_the_clear(config.address)
    return kafka.KafkaLog(config.address, client_id=principal, security=security, slots=folder)


def _security(config: KafkaLogConfig, *, folder: Path, principal: str, clock: Clock) -> Security | None:
    tls, sasl = config.tls, config.sasl
    if tls is None:
        return None
    from broker.adapters.kafka import Files, Mechanism, Security, SignIn

    sign_in = None
    if sasl is not None:
        mechanism, secret = Mechanism(sasl.mechanism), _path(folder, sasl.secret_file)
        sign_in = SignIn(mechanism=mechanism, username=sasl.username, secret=secret)
    files = Files(
        authority=_path(folder, tls.authority) if tls.authority else None,
        certificate=_path(folder, tls.certificate) if tls.certificate else None,
        key=_path(folder, tls.key) if tls.key else None,
    )
    return Security(files, principal=principal, sign_in=sign_in, clock=clock)


def _path(folder: Path, name: str) -> Path:
    return Path(os.path.normpath(folder / name))
