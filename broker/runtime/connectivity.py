"""Whether a process can use its event log: asked once at its start; and its credentials, renewed while it runs.

A process that could only wait would look alive and do nothing. So where a remote log cannot be used the process ends
with one line on why (exit 2), and its supervisor tries again.
"""

from __future__ import annotations

import asyncio

from broker.bootstrap.principal import OpenPrincipal
from broker.config import FILE_NAME
from broker.errors import NotAllowed, RejectedError, UnavailableError, UsageError
from broker.ports import EventLog
from schemas.topics import Family, topic_name

PATIENCE_SECONDS = 10.0
"""Longer than the election of a new leader after a node's death, which a healthy cluster finishes in a few seconds."""
PAUSE_SECONDS = 0.2


async def check_reachable(principal: OpenPrincipal, log: EventLog) -> None:
    """Wait until the log answers this principal about the topic that everybody may read.

    Raises: UsageError after `PATIENCE_SECONDS`, and at once where topics or rights are missing.
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
            # Where the hub makes the topics, `mash up` does so before it starts any process.
            run = log.provisioned_by or "mash up HOME"
            raise UsageError(f"{where}: the event log is not provisioned ({fault}): run {run}") from None
        except UnavailableError:
            if asyncio.get_running_loop().time() > deadline:
                raise UsageError(f"{where}.address: {await log.why_unavailable()}") from None
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


def renew_certificate(principal: OpenPrincipal) -> None:
    """Take up credentials that have been renewed; files that do not fit leave the old ones in use, and are named."""
    if principal.credentials is None:
        return
    try:
        if principal.credentials.refresh():
            principal.observe("certificate_renewed", {})
    except UsageError:
        principal.observe("certificate_refused", {"reason": "CERTIFICATE_REFUSED"})
