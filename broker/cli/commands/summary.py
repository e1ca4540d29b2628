"""`mash summary`: the combined summary of one request as it stands, opened as the requester and accounted for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from broker.cli.output import DONE, FINDING, NOT_READY
from broker.cli.reading import canonical_id, document_of, print_summary, read_accounted, reader_of
from broker.partnership.home import Home, open_home
from broker.partnership.hub import open_hub


def summary(path: Path, *, request_id: str, json: bool) -> int:
    """Print the summary; exit 0 complete, 3 not yet, 1 where the hub's gate sent nothing.

    Raises: UsageError where nothing was asked under this id, or it is no id.
    """
    return asyncio.run(_summary(open_home(path), canonical_id(request_id), json=json))


async def _summary(home: Home, request_id: str, *, json: bool) -> int:
    async with open_hub(home) as hub:
        outcome = hub.requester.asked(request_id)
        if not outcome.sent:
            print_summary(document_of(outcome, None), json=json)
            return FINDING
        body = await reader_of(hub, request_id).latest()
        read_accounted(hub, body, actor=None)
        print_summary(document_of(outcome, body), json=json)
        await hub.drain()
        return DONE if body is not None and body.complete else NOT_READY
