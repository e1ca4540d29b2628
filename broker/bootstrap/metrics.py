"""Observation: a process that is seen from outside: what it says is counted as well as written.

Who is not observed does not load the library, and says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from broker.adapters.metrics import Metrics, fold
from broker.adapters.telemetry import observer
from broker.bootstrap.principal import OpenPrincipal, open_principal, utc_now
from broker.config import FILE_NAME, load_config
from broker.ports import Clock, Meter


def open_observed(folder: Path, *, clock: Clock = utc_now) -> tuple[OpenPrincipal, Meter]:
    """Build what every process has, and its meter. Raises: UsageError with one line on what is wrong."""
    name = load_config(folder / FILE_NAME).principal
    say, metrics = observer(name), Metrics(name)

    def observe(event: str, facts: Mapping[str, int | str]) -> None:
        say(event, facts)
        fold(metrics, event, facts)

    return open_principal(folder, clock=clock, observe=observe), metrics
