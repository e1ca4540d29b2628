"""What Kafka nodes in containers are given: the settings of node.py and secured.py, with containers' names and paths.

Promise: a node in a container has the settings of a node without one; only where it listens and where its files lie
differ. Each node's folder is mounted read-only, and holds no key but the nodes' own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from node import JVM, LOGGING, LOOPBACK, QUICK, QuorumMember, properties, random_id
from secured import tls

from broker.adapters.crypto.certificates import AUTHORITY
from broker.partnership.certificates import KEYSTORE

CONFIG: Final = Path("/etc/mash-kafka")
DATA: Final = Path("/var/lib/mash-kafka")
CLIENTS, CONTROLLERS, OUTSIDE = 9092, 9093, 9094
"""Where a node listens: for clients and other nodes, for the nodes' quorum, and for clients outside its network."""

USER: Final = 10001
"""Who the images run as, where nobody says otherwise."""


def given_to(
    folder: Path, *, hosts: Sequence[str], keystore: Path | None, outside: int | None = None, quick: bool = False
) -> list[Path]:
    """Write a folder for each node of a cluster on these hosts, and return them; to be mounted at `CONFIG`.

    With a keystore (its authority lies beside it) the nodes are secured. `outside` is a port of this machine from which
    the only node is reached as well.
    """
    ids = [random_id() for _ in range(len(hosts) + 1)]
    members = [
        QuorumMember(number=number, folder=DATA, port=CLIENTS, controller_port=CONTROLLERS, directory_id=ids[number])
        for number in range(1, len(hosts) + 1)
    ]
    folders = []
    for member, host in zip(members, hosts, strict=True):
        further = {**(_secured() if keystore else {}), **_addresses(host, hosts, outside, secured=bool(keystore))}
        made = folder / host
        made.mkdir(parents=True)
        _write(made / "server.properties", _lines(properties(member, members, further=further)))
        _write(made / "log4j2.properties", LOGGING)
        _write(made / "format", _format(ids[0], members, hosts))
        _write(made / "run", " ".join((*_jvm(quick=quick), "kafka.Kafka", str(CONFIG / "server.properties"))))
        if keystore is not None:
            shutil.copy(keystore, made / KEYSTORE)
            shutil.copy(keystore.with_name(AUTHORITY), made / AUTHORITY)
        folders.append(made)
    return folders


def give_away(folder: Path, *, user: int = USER) -> None:
    """Make a folder with all in it belong to whom the containers run as. Only root can, and only root needs to."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def _secured() -> dict[str, str]:
    return tls(CONFIG / KEYSTORE, CONFIG / AUTHORITY)


def _addresses(host: str, hosts: Sequence[str], outside: int | None, *, secured: bool) -> Mapping[str, str]:
    protocol = "SSL" if secured else "PLAINTEXT"
    listeners = {"AGENTS": f"{host}:{CLIENTS}", "CONTROLLER": f"{host}:{CONTROLLERS}"}
    advertised = {"AGENTS": f"{host}:{CLIENTS}"}
    if outside is not None:
        listeners["OUTSIDE"], advertised["OUTSIDE"] = f"0.0.0.0:{OUTSIDE}", f"{LOOPBACK}:{outside}"
    return {
        "controller.quorum.bootstrap.servers": ",".join(f"{one}:{CONTROLLERS}" for one in hosts),
        "listeners": ",".join(f"{name}://{where}" for name, where in listeners.items()),
        "advertised.listeners": ",".join(f"{name}://{where}" for name, where in advertised.items()),
        "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name in listeners),
    }


def _format(cluster_id: str, members: Sequence[QuorumMember], hosts: Sequence[str]) -> str:
    voters = [
        f"{member.number}@{host}:{CONTROLLERS}:{member.directory_id}"
        for member, host in zip(members, hosts, strict=True)
    ]
    words = ("format", "--ignore-formatted", "-t", cluster_id, "--initial-controllers", ",".join(voters))
    return " ".join((*_jvm(quick=True), "kafka.tools.StorageTool", *words, "-c", str(CONFIG / "server.properties")))


def _jvm(*, quick: bool) -> tuple[str, ...]:
    return (*JVM, *((QUICK,) if quick else ()), f"-Dlog4j2.configurationFile={CONFIG / 'log4j2.properties'}")


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
