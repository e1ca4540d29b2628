"""Health: whether a process lives, and whether it does its work; with reason words where it does not.

It lives while its event loop turns and its own watch goes round. It does its work once it has said so, while it owns
what it must own, reads what it follows, and the directory has not expired: with an expired one every request goes to a
person, and somebody must know.
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
"""Seconds; the watch goes round twice a second."""

LOG_PATIENCE: Final = 15.0
"""Seconds; a reader asks four times a second, and a batch in hand may wait two seconds for a record source."""


@final
@dataclass(kw_only=True)
class Health:
    """What a process knows of itself. `now` gives seconds on a clock that only rises."""

    now: Callable[[], float] = time.monotonic
    begun: bool = False
    _beaten: float = field(init=False)

    def __post_init__(self) -> None:
        self.beat()

    def beat(self) -> None:
        """Say that the watch went round."""
        self._beaten = self.now()

    def dead(self) -> tuple[str, ...]:
        """Return why the process should be started again; nothing while it lives."""
        return (WATCH_STOPPED,) if self.now() - self._beaten > WATCH_PATIENCE else ()

    def not_ready(self, principal: OpenPrincipal, log: ObservedLog) -> tuple[str, ...]:
        """Return why the process does not do its work; nothing while it does."""
        holds = principal.config.role is not PrincipalRole.HOLDER or log.owned()
        reasons = {
            STARTING: not self.begun,
            NO_PARTITION: not holds,
            NO_PROGRESS: any(seconds > LOG_PATIENCE for seconds in log.silent().values()),
            DIRECTORY_STALE: principal.published.current().stale(principal.clock()),
        }
        return tuple(reason for reason, holds_true in reasons.items() if holds_true)
