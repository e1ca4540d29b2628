"""`mash summary`: show the combined summary of one request, as it stands, to the person named by `--by`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from broker.application.session import Home, open_home, open_hub
from broker.application.summaries import RequestShown
from broker.application.summaries import summary as read_summary
from broker.cli.commands.request import EXIT_CODES, print_request


def summary(path: Path, *, request_id: str, by: str | None, json: bool) -> int:
    """Print the summary; exit 0 complete, 3 not yet, 1 where the hub's gate sent nothing or `by` may not look.

    Raises: UsageError where no request has this id, the word is no id, or no person is named.
    """
    shown = asyncio.run(_summary(open_home(path), request_id, by))
    print_request(shown, json=json)
    return EXIT_CODES[shown.stands]


async def _summary(home: Home, request_id: str, by: str | None) -> RequestShown:
    async with open_hub(home) as hub:
        return await read_summary(hub, request_id, by=by)
