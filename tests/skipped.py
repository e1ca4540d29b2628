"""What a run of the tests left out: one line a kind at its end, with the command that would bring it.

Where everything is required (MASH_REQUIRE_ALL=1, as in CI), each such test is named and the run fails.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable

import pytest

ALL_REQUIRED = os.environ.get("MASH_REQUIRE_ALL") == "1"

ON_KAFKA = "on Apache Kafka - install Java 17 and Maven, then make kafka-jars"
ON_THE_JVM = "on the JVM, by Apache Avro for Java - install a JDK 17 and Maven that reaches its packages"
BY_NODE = "by the AsyncAPI project's parser - install Node.js 18 and an npm that reaches its packages"
ON_POSTGRESQL = "on PostgreSQL, which prepares every statement - install Debian's package postgresql"
IN_CONTAINERS = "in containers - make images, then make test-containers"
ON_PUBLISHED_SAMPLES = "comparisons with published samples - set MASH_SAMPLES=FOLDER"
KINDS = (ON_KAFKA, ON_THE_JVM, BY_NODE, ON_POSTGRESQL, IN_CONTAINERS, ON_PUBLISHED_SAMPLES)
"""Why tests skip themselves: what they run on, and the command that would bring it."""


def lines(reasons: Iterable[str]) -> list[str]:
    """Return one line a kind, the most tests first; a kind that nobody knows is told by its reason."""
    counted = Counter(reason.removeprefix("Skipped: ") for reason in reasons).most_common()
    return [f"skipped: {count} {reason if reason in KINDS else f'because: {reason}'}" for reason, count in counted]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End with what was left out."""
    skipped = terminalreporter.stats.get("skipped", [])
    for line in lines(report.longrepr[2] for report in skipped):
        terminalreporter.write_line(line, yellow=True)
    for report in skipped if ALL_REQUIRED else ():
        terminalreporter.write_line(f"SKIPPED where nothing may be: {report.nodeid}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything is required, a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if ALL_REQUIRED and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
