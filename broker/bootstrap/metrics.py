"""Composition of an observed process: every log line that it writes is also counted in its metrics.

Without `observe`, this module and prometheus_client are never imported; the log lines are the same.
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
    """Open a principal together with its meter. Raises: UsageError with one line on the fault."""
    name = load_config(folder / FILE_NAME).principal
    say, metrics = observer(name), Metrics(name)

    def observe(event: str, facts: Mapping[str, int | str]) -> None:
        say(event, facts)
        fold(metrics, event, facts)

    return open_principal(folder, clock=clock, observe=observe), metrics
