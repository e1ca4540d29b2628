"""Health: the liveness and readiness of one process, with reason words where either fails.

A process is live while its event loop runs and its watch keeps beating. It is ready once its services have begun,
while it owns its partition, while its readers get answers, and while the directory is in force: under an expired
directory every request goes to a person, and operators must know.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, final

from broker.bootstrap.principal import OpenPrincipal
from broker.runtime.observability.event_log import ObservedLog
from schemas.vocabulary import PrincipalRole

WATCH_STOPPED: Final = "WATCH_STOPPED"
STARTING: Final = "STARTING"
NO_PARTITION: Final = "NO_PARTITION"
NO_PROGRESS: Final = "NO_PROGRESS"
DIRECTORY_STALE: Final = "DIRECTORY_STALE"

WATCH_PATIENCE: Final = 10.0
"""Seconds. The watch beats twice a second, so this is twenty missed beats."""

LOG_PATIENCE: Final = 15.0
"""Seconds. A reader asks four times a second, and a batch under way may wait two seconds for a record source."""


@final
@dataclass(kw_only=True)
class Health:
    """The state that liveness and readiness are judged by. `now` gives seconds on a monotonic clock."""

    now: Callable[[], float] = time.monotonic
    begun: bool = False
    _beaten: float = field(init=False)

    def __post_init__(self) -> None:
        self.beat()

    def beat(self) -> None:
        """Record one beat of the watch."""
        self._beaten = self.now()

    def dead(self) -> tuple[str, ...]:
        """Return the reasons to start the process again; none while it lives."""
        return (WATCH_STOPPED,) if self.now() - self._beaten > WATCH_PATIENCE else ()

    def not_ready(self, principal: OpenPrincipal, log: ObservedLog) -> tuple[str, ...]:
        """Return the reasons why the process is not ready; none while it is."""
        holds = principal.config.role is not PrincipalRole.HOLDER or log.owned()
        reasons = {
            STARTING: not self.begun,
            NO_PARTITION: not holds,
            NO_PROGRESS: any(seconds > LOG_PATIENCE for seconds in log.silent().values()),
            DIRECTORY_STALE: principal.published.current().stale(principal.clock()),
        }
        return tuple(reason for reason, holds_true in reasons.items() if holds_true)
