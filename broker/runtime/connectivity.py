"""What a process needs of others before it begins, and its certificate while it runs.

(1) Brokers that it can use: a process that could only wait would look alive and do nothing, so without them it ends
with one line on why (exit 2), and its supervisor tries again. (2) What the hub does, which may start later: topics are
waited for until they are there, a directory in force for a while. It says why it waits in one line, and is not ready.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from broker.bootstrap.event_log import why_no_log
from broker.bootstrap.principal import OpenPrincipal, can_open_now, own_topics
from broker.config import FILE_NAME, LogKind
from broker.errors import NotAllowed, RejectedError, UnavailableError, UsageError
from broker.ports import EventLog
from schemas.topics import Family, topic_name

PATIENCE_SECONDS = 10.0
PAUSE_SECONDS = 0.2
UNKNOWN_TOPIC = "UNKNOWN_TOPIC"
RENEWAL_PATIENCE_SECONDS = 10.0
"""How long a directory in force is waited for. The hub renews at its start where it can; where nobody can, every
message goes to a person, and that must begin."""


async def check_reachable(principal: OpenPrincipal, log: EventLog) -> None:  # (1)
    """Return when the log answers this principal about the topic that everybody may read. Raises: UsageError."""
    config = principal.config
    if config.log.kind is LogKind.EMBEDDED:
        return
    where = f"{principal.folder / FILE_NAME}: log"
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        try:
            await log.partitions(topic_name(config.partnership, Family.CHECKPOINTS))
        except (NotAllowed, RejectedError) as fault:
            if principal.security is None and isinstance(fault, RejectedError) and fault.reason == UNKNOWN_TOPIC:
                return  # the hub will make it
            raise UsageError(f"{where}: the brokers are not provisioned ({fault}): run mash kafka apply HOME") from None
        except UnavailableError:
            if asyncio.get_running_loop().time() > deadline:
                raise UsageError(f"{where}.address: {await why_no_log(config.log, principal.security)}") from None
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
    if principal.security is not None:
        return True  # brokers that know who is who are provisioned by their administrator, not by the hub
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
    """Take up a certificate that has been renewed; one that does not fit leaves the old one in use, and is named."""
    if principal.security is None:
        return
    try:
        if principal.security.refresh():
            principal.observe("certificate_renewed", {})
    except UsageError:
        principal.observe("certificate_refused", {"reason": "CERTIFICATE_REFUSED"})
