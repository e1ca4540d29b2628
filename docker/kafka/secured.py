"""A Kafka cluster as production has it, without containers: three nodes, mutual TLS 1.3, deny unless allowed.

The certificates come from a development authority in the cluster's folder: its own, or the one of a HOME
(`HOME/kafka`). `mash init HOME --kafka-tls --kafka-authority FOLDER` issues the processes' own from it. Who may do what
`mash kafka apply` tells the nodes, as the super user `admin`. `docker/compose.yaml` has the same in containers.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jars import fetch
from node import HERE, Node, cluster

from broker.adapters.crypto.certificates import AUTHORITY, CERTIFICATE, KEY, Authority
from broker.adapters.kafka import Files, Security
from broker.partnership.certificates import ADMIN, BROKER, KEYSTORE, make_authority

DATA: Final = HERE / "secured"
FIRST_PORT: Final = 19092


def tls(keystore: Path, authority: Path) -> dict[str, str]:
    """Return what makes a node know everybody by certificate, and refuse whatever is not allowed."""
    return {
        "listener.security.protocol.map": "AGENTS:SSL,CONTROLLER:SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority),
        "ssl.client.auth": "required",
        "ssl.enabled.protocols": "TLSv1.3",
        "ssl.protocol": "TLSv1.3",
        # The principal is the certificate's common name: the process identity.
        "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{BROKER};User:{ADMIN}",
        "allow.everyone.if.no.acl.found": "false",
    }


def security(folder: Path, name: str) -> Security:
    """Return how the holder of a folder of certificates shows the nodes who it is."""
    files = Files(authority=folder / AUTHORITY, certificate=folder / CERTIFICATE, key=folder / KEY)
    return Security(files, principal=name, sign_in=None, clock=lambda: datetime.now(UTC))


@dataclass(frozen=True, kw_only=True)
class SecuredCluster:
    """The nodes of one cluster, with the authority that its clients' certificates come from."""

    folder: Path
    nodes: Sequence[Node]
    authority: Authority

    @property
    def bootstrap(self) -> str:
        """Where clients find it: every node."""
        return ",".join(node.bootstrap for node in self.nodes)

    @property
    def admin(self) -> Path:
        """The folder with the certificate of whoever provisions."""
        return self.folder / ADMIN

    def issue(self, name: str) -> Path:
        """Return a folder with a certificate for this name, made the first time."""
        folder = self.folder / "issued" / name
        if not (folder / KEY).exists():
            self.authority.issue(name, folder, now=datetime.now(UTC))
        return folder

    def start(self, *, quick: bool = True) -> None:
        """Start every node, and wait until all of them work. Raises: TimeoutError, RuntimeError."""
        for node in self.nodes:
            node.start(quick=quick)
        for node in self.nodes:
            asyncio.run(node.ready())

    def stop(self) -> None:
        """End every node."""
        for node in self.nodes:
            node.terminate()
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        """End every node with signal 9. Safe to call twice."""
        for node in self.nodes:
            node.kill()


def secured_cluster(
    folder: Path, *, nodes: int = 3, first_port: int | None = None, further: Mapping[str, str] | None = None
) -> SecuredCluster:
    """Return a cluster in a folder, none of its nodes started; `further` adds to the nodes' settings."""
    authority = make_authority(folder, now=datetime.now(UTC))
    settings = tls(folder / BROKER / KEYSTORE, folder / BROKER / AUTHORITY)
    made = cluster(
        folder,
        nodes=nodes,
        port=first_port,
        further={**settings, **(further or {})},
        security=security(folder / ADMIN, ADMIN),
    )
    return SecuredCluster(folder=folder, nodes=made, authority=authority)


def main() -> None:
    """Run a cluster in the foreground until it is told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder for certificates and everything else")
    parser.add_argument("--port", type=int, default=FIRST_PORT, help="the first node's; each takes two")
    given = parser.parse_args()
    fetch()
    _run(secured_cluster(given.data, first_port=given.port))


def _run(made: SecuredCluster) -> None:
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    try:
        made.start(quick=False)
        sys.stderr.write(
            f"kafka is ready on {made.bootstrap}; stop it with Ctrl-C\n"
            f"  mash init HOME --kafka-tls --kafka-authority {made.folder}\n"
            f"  mash kafka apply HOME --kafka {made.bootstrap}\n"
            f"  mash up HOME --kafka {made.bootstrap}\n"
        )
        while not stopping:
            time.sleep(0.2)
    finally:
        made.stop()


if __name__ == "__main__":
    main()
