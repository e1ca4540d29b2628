"""The demonstration on a secured cluster of three nodes, twice: undisturbed, and with one node killed in mid-run.

Exit 0 only if both held and every answer was the same: who answered, with which status, reason, items and decision.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from jars import fetch
from secured import SecuredCluster, secured_cluster

LOST: Final = 2
"""The place of the node that is killed: before the third request."""


def main() -> int:
    """Play it, and print what was the same."""
    fetch()
    with tempfile.TemporaryDirectory(prefix="mash-kafka-") as folder:
        cluster = secured_cluster(Path(folder))
        try:
            _say("starting three nodes")
            cluster.start(quick=False)
            undisturbed = _played(cluster, lambda number: None)
            _say("again, and one node will be killed")
            disturbed = _played(cluster, lambda number: _kill(cluster, number))
        finally:
            cluster.kill()
    return _compared(undisturbed, disturbed)


def _played(cluster: SecuredCluster, before: Callable[[int], None]) -> dict[str, Any]:
    """Run the demonstration and return its document; `before` is told the number of each request as it begins."""
    words = ["-P", "-m", "broker.cli.main", "demo", "--json", "--kafka", cluster.bootstrap]
    command = [sys.executable, *words, "--kafka-authority", str(cluster.folder)]
    with tempfile.TemporaryFile("w+") as printed:
        with subprocess.Popen(command, stdout=printed, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
            number, asking = 0, False
            for line in process.stderr or ():
                sys.stderr.write(line)
                if asking and line.startswith("mash: "):
                    before(number)
                    number += 1
                asking = asking or "all processes ready" in line
        printed.seek(0)
        if process.returncode not in (0, 1):
            raise SystemExit(process.returncode)
        document: dict[str, Any] = json.load(printed)
    return document


def _kill(cluster: SecuredCluster, number: int) -> None:
    if number == LOST:
        cluster.nodes[-1].kill()
        _say(f"node {len(cluster.nodes)} killed")


def outcome(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what must not depend on the brokers' health: for each request who answered what, and why."""
    return [
        {
            "name": one["name"],
            "hub": one["hub_decision"]["outcome"],
            "answers": {
                name: {key: answer[key] for key in ("status", "reason", "items", "decision", "match", "recorded")}
                for name, answer in one["answers"].items()
            },
        }
        for one in document["requests"]
    ]


def _compared(undisturbed: dict[str, Any], disturbed: dict[str, Any]) -> int:
    same = outcome(undisturbed) == outcome(disturbed)
    for one in disturbed["requests"]:
        told = ", ".join(f"{name} {answer['status']}" for name, answer in sorted(one["answers"].items()))
        sys.stdout.write(f"{one['name']}: hub {one['hub_decision']['outcome']}; {told or 'nothing was sent'}\n")
    held = undisturbed["ok"] and disturbed["ok"]
    seconds = f"{undisturbed['seconds']} s undisturbed, {disturbed['seconds']} s with a node killed"
    sys.stdout.write(f"log {disturbed['log']}, ledger verified {disturbed['ledger']['verified']}; {seconds}\n")
    sys.stdout.write(f"{'no difference' if same else 'NOT THE SAME'} in the outcome; everything held: {held}\n")
    return 0 if same and held else 1


def _say(line: str) -> None:
    sys.stderr.write(f"demo-kafka: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
