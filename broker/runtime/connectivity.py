"""Connectivity: the checks a process makes of the event log and the hub before it works, and certificate renewal.

(1) A remote event log that cannot be used ends the process with one line on why (exit 2), and the supervisor starts it
again: a process that only waited would look alive and do nothing. (2) The hub may start later: the process waits for
topics without limit and for a directory in force for a time. Meanwhile it is not ready, and logs each reason once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from broker.bootstrap.principal import OpenPrincipal, can_open_now, own_topics
from broker.config import FILE_NAME
from broker.errors import NotAllowed, RejectedError, UnavailableError, UsageError
from broker.ports import EventLog
from schemas.topics import Family, topic_name

PATIENCE_SECONDS = 10.0
"""Longer than a leader election after a node's death, which a healthy cluster finishes in a few seconds."""
PAUSE_SECONDS = 0.2
UNKNOWN_TOPIC = "UNKNOWN_TOPIC"
RENEWAL_PATIENCE_SECONDS = 10.0
"""How long to wait for a directory in force. The hub renews an expired one at its start if it can. If it cannot, the
process must begin all the same: every message then goes to a person."""


async def check_reachable(principal: OpenPrincipal, log: EventLog) -> None:  # (1)
    """Wait until the log answers this principal about the topic that everybody may read.

    Raises: UsageError after `PATIENCE_SECONDS`, and at once where an administrator must provision.
    """
    config = principal.config
    if not log.remote:
        return
    where = f"{principal.folder / FILE_NAME}: log"
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        try:
            await log.partitions(topic_name(config.partnership, Family.CHECKPOINTS))
        except (NotAllowed, RejectedError) as fault:
            if log.provisioned_by is None and isinstance(fault, RejectedError) and fault.reason == UNKNOWN_TOPIC:
                return  # the hub has not created the topics yet; (2) waits for them
            run = log.provisioned_by or "mash up HOME"
            raise UsageError(f"{where}: the event log is not provisioned ({fault}): run {run}") from None
        except UnavailableError:
            if asyncio.get_running_loop().time() > deadline:
                raise UsageError(f"{where}.address: {await log.why_unavailable()}") from None
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


async def wait_for_hub(principal: OpenPrincipal, log: EventLog, stop: asyncio.Event) -> None:  # (2)
    """Wait until this principal's topics exist and it can open what is sealed to it now, or until `stop` is set.

    Raises: RejectedError where the log itself is damaged.
    """
    clock = asyncio.get_running_loop().time
    deadline, reported = clock() + RENEWAL_PATIENCE_SECONDS, ""
    while not stop.is_set():
        reason = "" if await _topics_there(principal, log) else UNKNOWN_TOPIC
        if not reason and clock() < deadline and not can_open_now(principal):
            reason = "DIRECTORY_STALE"
        if not reason:
            return
        if reason != reported:
            principal.observe("waits_for_hub", {"reason": reason})
            reported = reason
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


async def _topics_there(principal: OpenPrincipal, log: EventLog) -> bool:
    if log.provisioned_by is not None:
        return True  # an administrator creates them, not the hub
    try:
        for topic, _ in own_topics(principal):
            await log.partitions(topic.name)
    except UnavailableError:
        return False
    except RejectedError as fault:
        if fault.reason != UNKNOWN_TOPIC:
            raise
        return False
    return True


def renew_certificate(principal: OpenPrincipal) -> None:
    """Load renewed credentials; files that do not fit are reported, and the old ones stay in use."""
    if principal.credentials is None:
        return
    try:
        if principal.credentials.refresh():
            principal.observe("certificate_renewed", {})
    except UsageError:
        principal.observe("certificate_refused", {"reason": "CERTIFICATE_REFUSED"})
