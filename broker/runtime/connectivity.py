"""Whether a process can use its brokers: asked once at its start, and its certificate looked at while it runs.

A process that could only wait would look alive and do nothing. So where no broker can be used it ends with one line on
why (exit 2), and its supervisor tries again.
"""

from __future__ import annotations

import asyncio

from broker.bootstrap.event_log import why_no_log
from broker.bootstrap.principal import OpenPrincipal
from broker.config import FILE_NAME, LogKind
from broker.errors import NotAllowed, RejectedError, UnavailableError, UsageError
from broker.ports import EventLog
from schemas.topics import Family, topic_name

PATIENCE_SECONDS = 10.0
PAUSE_SECONDS = 0.2


async def check_reachable(principal: OpenPrincipal, log: EventLog) -> None:
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
            raise UsageError(f"{where}: the brokers are not provisioned ({fault}): run mash kafka apply HOME") from None
        except UnavailableError:
            if asyncio.get_running_loop().time() > deadline:
                raise UsageError(f"{where}.address: {await why_no_log(config.log, principal.security)}") from None
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


def renew_certificate(principal: OpenPrincipal) -> None:
    """Take up a certificate that has been renewed; one that does not fit leaves the old one in use, and is named."""
    if principal.security is None:
        return
    try:
        if principal.security.refresh():
            principal.observe("certificate_renewed", {})
    except UsageError:
        principal.observe("certificate_refused", {"reason": "CERTIFICATE_REFUSED"})
