"""Apache Kafka's own jars, fetched with Maven into `libs`, once.

`python jars.py` fetches them, and fails where it cannot. With `--where-possible` it says instead in one line what this
machine lacks to run a node, and ends with 2: for tests and checks that go on without Kafka.
"""

from __future__ import annotations

import argparse
import fcntl
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO, Final

HERE: Final = Path(__file__).parent
LIBS: Final = HERE / "libs"
CANNOT: Final = 2
JAVA: Final = 17
"""The oldest Java that runs a node."""


def fetch(*, output: IO[str] | int | None = None) -> None:
    """Fetch the jars, once, also when several processes ask. Raises: CalledProcessError, OSError."""
    with (HERE / "pom.xml").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if fetched():
            return
        target = HERE / "libs.partial"
        shutil.rmtree(target, ignore_errors=True)
        options = ["-DincludeScope=runtime", f"-DoutputDirectory={target}"]
        command = ["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", *options]
        subprocess.run(command, check=True, stdout=output, stderr=output)  # noqa: S603 - the words are ours
        target.rename(LIBS)  # only ever whole


def fetched() -> bool:
    """Return whether the jars are there."""
    return LIBS.is_dir()


def lacking() -> str:
    """Return what this machine lacks to run a node, in words; empty where it lacks nothing."""
    here = {f"Java {JAVA}": java_version() >= JAVA, "Maven": fetched() or shutil.which("mvn") is not None}
    return " and ".join(name for name, found in here.items() if not found)


def java_version() -> int:
    """Return the version of the Java on the path; 0 where there is none."""
    program = shutil.which("java")
    if program is None:
        return 0
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found[1]) if found else 0


def main() -> int:
    """Fetch the jars; with `--where-possible`, return 2 and write one line where that cannot be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--where-possible", action="store_true", help="go on without Kafka where it cannot be had")
    if not parser.parse_args().where_possible:
        fetch()
        return 0
    if lacks := lacking():
        return _left_out(f"this machine lacks {lacks}")
    if not fetched():
        sys.stderr.write("fetching Apache Kafka's jars with Maven, once\n")
    try:
        fetch(output=subprocess.DEVNULL)
    except (subprocess.CalledProcessError, OSError):
        return _left_out("Maven cannot fetch its jars (make kafka-jars shows why)")
    return 0


def _left_out(why: str) -> int:
    sys.stderr.write(f"left out: what runs on Apache Kafka: {why}\n")
    return CANNOT


if __name__ == "__main__":
    sys.exit(main())
