"""Gets a HOME made by `mash init HOME --kafka-tls` ready for `docker/compose.yaml`, once.

It writes what each node is given (HOME/kafka/nodes), points every principal's configuration at those nodes, and writes
HOME/compose.env, which tells Compose where HOME is and whom the containers run as: the owner of HOME, and never root.
HOME must be unused: positions and sequence numbers belong to the log that it was used on.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import Final

from contained import CLIENTS, USER, give_away, given_to

from broker.bootstrap.principal import open_principal
from broker.config import FILE_NAME, KafkaLogConfig, write_config
from broker.errors import RejectedError, UsageError
from broker.partnership.certificates import BROKER, KEYSTORE, tls_of
from broker.partnership.home import KAFKA_FOLDER, Home, open_home
from schemas.topics import Family, topic_name
from schemas.vocabulary import PrincipalRole

HOSTS: Final = ("kafka-1", "kafka-2", "kafka-3")
ADDRESS: Final = ",".join(f"{host}:{CLIENTS}" for host in HOSTS)


def main() -> None:
    """Prepare one HOME. Exits with 2 and one line where that cannot be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", metavar="HOME", type=Path)
    given = parser.parse_args()
    try:
        prepare(given.home)
    except UsageError as fault:
        sys.stderr.write(f"prepare: {fault}\n")
        raise SystemExit(2) from None


def prepare(path: Path) -> None:
    """Prepare a HOME. Raises: UsageError where it has no certificates, was used, or is prepared already."""
    home = open_home(path)
    kafka = home.path / KAFKA_FOLDER
    keystore = kafka / BROKER / KEYSTORE
    if not keystore.exists():
        raise UsageError(f"{path}: has no certificates for Kafka: make it with mash init HOME --kafka-tls")
    if (kafka / "nodes").exists() or asyncio.run(_used(home)):
        raise UsageError(f"{path}: is prepared already, or was used without containers")
    given_to(kafka / "nodes", hosts=HOSTS, keystore=keystore)
    for host in HOSTS:
        (kafka / "data" / host).mkdir(mode=0o700, parents=True)
    for name in home.principals:
        log = KafkaLogConfig(address=ADDRESS, tls=tls_of(home.folder(name)))
        write_config(home.folder(name) / FILE_NAME, home.config(name).model_copy(update={"log": log}))
    user = os.getuid() or USER
    (home.path / "compose.env").write_text(f"MASH_HOME={home.path}\nMASH_USER={user}:{os.getgid() or USER}\n", "utf-8")
    if os.getuid() == 0:
        give_away(home.path)


async def _used(home: Home) -> bool:
    principal = open_principal(home.folder(home.one_of_role(PrincipalRole.REQUESTER)))
    log = principal.log()
    try:
        return await log.end(topic_name(principal.config.partnership, Family.AUDIT), 0) > 0
    except RejectedError:
        return False  # no such topic: nothing was ever sent
    finally:
        await log.close()
        principal.close()


if __name__ == "__main__":
    main()
