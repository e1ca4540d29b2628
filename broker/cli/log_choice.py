"""Which event log a HOME runs on: the embedded one it was made with, or Kafka, to which it can move before it is used.

Positions and sequence numbers belong to one log. So a HOME moves only while its embedded log holds nothing, and only to
brokers that hold nothing under its partnership's name: two homes under one name would fence and refuse each other.
"""

from __future__ import annotations

import asyncio
import re

from broker.bootstrap import open_log, open_principal
from broker.config import FILE_NAME, LogConfig, LogKind, write_config
from broker.errors import RejectedError, UsageError
from broker.home import Home
from schemas.topics import Family, topic_name
from schemas.vocabulary import PrincipalRole

BOOTSTRAP = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}(,[A-Za-z0-9.-]+:[0-9]{1,5})*")


def move_to_kafka(home: Home, address: str) -> None:
    """Let every process of this HOME use those brokers from now on. The same brokers again change nothing.

    Raises: UsageError; UnavailableError where the brokers do not answer.
    """
    if not BOOTSTRAP.fullmatch(address):
        raise UsageError("--kafka: is not HOST:PORT,...")
    wanted = LogConfig(kind=LogKind.KAFKA, address=address)
    configs = {name: home.config(name) for name in home.principals}
    if all(config.log == wanted for config in configs.values()):
        return
    asyncio.run(_check_unused(home, wanted))
    for name, config in configs.items():
        write_config(home.folder(name) / FILE_NAME, config.model_copy(update={"log": wanted}))


async def _check_unused(home: Home, wanted: LogConfig) -> None:
    principal = open_principal(home.folder(home.one_of_role(PrincipalRole.REQUESTER)))
    try:
        audit = topic_name(principal.config.partnership, Family.AUDIT)
        for log_config, fault in (
            (principal.config.log, f"{home.path}: has run on its log already; make a new home for Kafka"),
            (wanted, "--kafka: these brokers hold this partnership's topics from another home already"),
        ):
            log = open_log(log_config, relative_to=principal.folder, client_id=principal.config.principal)
            try:
                used = await log.end(audit, 0) > 0
            except RejectedError:
                used = False  # no such topic: nothing was ever sent
            finally:
                await log.close()
            if used:
                raise UsageError(fault)
    finally:
        principal.close()
