"""One process's event log, from what its configuration says: which adapter, where, and how it shows who it is.

Promise: nothing connects before it is used, and nothing goes to another machine in the clear.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from broker.adapters.embedded import EmbeddedLog
from broker.config import LogConfig, LogKind
from broker.errors import UsageError
from broker.ports import Clock, EventLog

if TYPE_CHECKING:
    from broker.adapters.kafka import Security


def open_log(config: LogConfig, *, relative_to: Path, client_id: str, security: Security | None) -> EventLog:
    """Open an event log; it connects at the first use. Raises: UsageError for a line in the clear to other machines."""
    match config.kind:
        case LogKind.EMBEDDED:
            return EmbeddedLog(_path(relative_to, config.address))
        case LogKind.KAFKA:
            from broker.adapters import kafka  # who stays on the embedded log does not pay for loading it

            if security is None:
                kafka.check_in_the_clear(config.address)
            return kafka.KafkaLog(config.address, client_id=client_id, security=security, slots=relative_to)


def security_of(config: LogConfig, *, relative_to: Path, principal: str, clock: Clock) -> Security | None:
    """Return how a process shows the brokers who it is; None where nothing is said of it. Raises: UsageError."""
    tls, sasl = config.tls, config.sasl
    if tls is None:
        if sasl is not None:
            raise UsageError("log.sasl: without log.tls the password would go out in the clear")
        return None
    from broker.adapters.kafka import Files, Mechanism, Security, SignIn

    if (tls.certificate is None) != (tls.key is None):
        raise UsageError("log.tls: certificate and key are given together or not at all")
    if tls.certificate is None and sasl is None:
        raise UsageError("log.tls: a certificate and its key, or log.sasl, must say who this is")
    if sasl is not None and (sasl.username is None) != (sasl.mechanism == Mechanism.OAUTHBEARER):
        raise UsageError("log.sasl: username is given with SCRAM, and only with it")
    sign_in = None
    if sasl is not None:
        mechanism, secret = Mechanism(sasl.mechanism), _path(relative_to, sasl.secret_file)
        sign_in = SignIn(mechanism=mechanism, username=sasl.username, secret=secret)
    files = Files(
        authority=_path(relative_to, tls.authority) if tls.authority else None,
        certificate=_path(relative_to, tls.certificate) if tls.certificate else None,
        key=_path(relative_to, tls.key) if tls.key else None,
    )
    return Security(files, principal=principal, sign_in=sign_in, clock=clock)


async def why_no_log(config: LogConfig, security: Security | None) -> str:
    """Say in a few words why these brokers cannot be used."""
    from broker.adapters.kafka import why_not

    return await why_not(config.address, security.context if security else None)


def _path(relative_to: Path, name: str) -> Path:
    return Path(os.path.normpath(relative_to / name))
