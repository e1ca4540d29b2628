"""`mash request`: sends one request and shows what came of it: refused, sent, or the combined summary.

(1) The id stands on standard error before anything is sent, so that whoever is interrupted can ask again under it; (2)
the same id again sends nothing twice; (3) waiting ends when every answer is final and recorded; (4) what is shown with
content is accounted for first.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from broker.cli.output import DONE, FINDING, NOT_READY, say
from broker.cli.reading import Shown, canonical_id, document_of, print_summary, read_accounted, reader_of
from broker.errors import UnavailableError, UsageError
from broker.exchange.envelope import request_id_at
from broker.partnership.home import Home, open_home
from broker.partnership.hub import Hub, open_hub
from broker.requester.compose import MOST_BYTES, compose
from consumers.screening.reader import SummaryReader
from consumers.screening.summary import is_settled
from schemas.summary import SummaryBody

LONGEST_WAIT_SECONDS = 7 * 24 * 3600
NEWS = timedelta(seconds=1)
"""How long one look waits for something new; the deadline is looked at between two."""


def request(path: Path, *, file: Path, request_id: str | None, wait: bool, timeout_seconds: float, json: bool) -> int:
    """Ask, and print what came of it. Raises: UsageError (file, id, HOME), UnavailableError (it goes out later)."""
    if not 0 <= timeout_seconds <= LONGEST_WAIT_SECONDS:  # neither is what is no number
        raise UsageError(f"--timeout: is not between 0 and {LONGEST_WAIT_SECONDS} seconds")
    home = open_home(path)
    known = canonical_id(request_id) if request_id is not None else None
    data = read_request_file(file)
    patience = timedelta(seconds=timeout_seconds) if wait else None
    return asyncio.run(_request(home, data, known, patience, json=json))


def read_request_file(file: Path) -> bytes:
    """Return the file's bytes, and one more than allowed where it is too large. Raises: UsageError."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None


async def _request(home: Home, data: bytes, request_id: str | None, patience: timedelta | None, *, json: bool) -> int:
    async with open_hub(home) as hub:
        shown = await ask(hub, data, request_id, patience)
        print_summary(shown.document, json=json)
        await hub.drain()
        return shown.code


async def ask(hub: Hub, data: bytes, request_id: str | None, patience: timedelta | None) -> Shown:
    """Ask, wait as long as `patience` says (None: not at all), and return what is to be shown, accounted for.

    The caller shows it, then drains the hub's outbox. Raises: UsageError.
    """
    actor = compose(data).requester
    request_id = request_id or request_id_at(hub.principal.clock(), hub.principal.sealer.random(10))
    say(request_id)  # (1)
    try:
        outcome = await hub.requester.ask(data, request_id=request_id, log=hub.log, now=hub.principal.clock())  # (2)
    except UnavailableError as fault:
        say(f"mash: {fault}")
        return Shown(document=document_of(hub.requester.asked(request_id), None), code=NOT_READY)
    if not outcome.sent or patience is None:
        return Shown(document=document_of(outcome, None), code=DONE if outcome.sent else FINDING)
    body = await _awaited(reader_of(hub, outcome.request_id), patience)
    read_accounted(hub, body, actor=actor)  # (4)
    return Shown(document=document_of(outcome, body), code=DONE if _is_settled(body) else NOT_READY)


async def _awaited(reader: SummaryReader, patience: timedelta) -> SummaryBody | None:  # (3)
    clock = asyncio.get_running_loop().time
    deadline = clock() + patience.total_seconds()
    body = await reader.latest()
    while not _is_settled(body) and (left := deadline - clock()) > 0:
        body = await reader.latest(wait=min(NEWS, timedelta(seconds=left)))
    return body


def _is_settled(body: SummaryBody | None) -> bool:
    return body is not None and is_settled(body)
