"""What a process needs of others before it begins, and its credentials, renewed while it runs.

(1) An event log that it can use: a process that could only wait would look alive and do nothing, so where a remote log
cannot be used it ends with one line on why (exit 2), and its supervisor tries again. (2) What the hub does, which may
start later: topics are waited for until they are there, a directory in force for a while. The process says why it waits
in one line, and is not ready.
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
"""Longer than the election of a new leader after a node's death, which a healthy cluster finishes in a few seconds."""
PAUSE_SECONDS = 0.2
UNKNOWN_TOPIC = "UNKNOWN_TOPIC"
RENEWAL_PATIENCE_SECONDS = 10.0
"""How long a directory in force is waited for. The hub renews at its start where it can; where nobody can, every
message goes to a person, and that must begin."""


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
                return  # the hub will make it
            run = log.provisioned_by or "mash up HOME"
            raise UsageError(f"{where}: the event log is not provisioned ({fault}): run {run}") from None
        except UnavailableError:
            if asyncio.get_running_loop().time() > deadline:
                raise UsageError(f"{where}.address: {await log.why_unavailable()}") from None
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


async def wait_for_hub(principal: OpenPrincipal, log: EventLog, stop: asyncio.Event) -> None:  # (2)
    """Return once this principal's topics are there and it can open what is sealed to it now, or `stop` is set.

    Raises: RejectedError where the log itself is damaged.
    """
    clock = asyncio.get_running_loop().time
    deadline, said = clock() + RENEWAL_PATIENCE_SECONDS, ""
    while not stop.is_set():
        reason = "" if await _topics_there(principal, log) else UNKNOWN_TOPIC
        if not reason and clock() < deadline and not can_open_now(principal):
            reason = "DIRECTORY_STALE"
        if not reason:
            return
        if reason != said:
            principal.observe("waits_for_hub", {"reason": reason})
            said = reason
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


async def _topics_there(principal: OpenPrincipal, log: EventLog) -> bool:
    if log.provisioned_by is not None:
        return True  # by its administrator, not by the hub
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
    """Take up credentials that have been renewed; files that do not fit leave the old ones in use, and are named."""
    if principal.credentials is None:
        return
    try:
        if principal.credentials.refresh():
            principal.observe("certificate_renewed", {})
    except UsageError:
        principal.observe("certificate_refused", {"reason": "CERTIFICATE_REFUSED"})
