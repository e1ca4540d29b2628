"""`mash request`: send one request and show its outcome.

The id is printed on standard error before anything is sent, so that a person who is interrupted can ask again under it.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from broker.application.ask import ask, form_schema, prepare
from broker.application.session import Home, open_home, open_hub
from broker.application.summaries import RequestShown, Stands
from broker.cli.commands.files import read_form
from broker.cli.output import DONE, FINDING, NOT_READY, emit, say
from broker.errors import FieldError

LONGEST_WAIT_SECONDS = 7 * 24 * 3600
EXIT_CODES = {
    Stands.REFUSED: FINDING,
    Stands.KEPT: NOT_READY,
    Stands.SENT: DONE,
    Stands.INCOMPLETE: NOT_READY,
    Stands.COMPLETE: DONE,
}


def print_schema() -> int:
    """Print the JSON Schema of `request.json`."""
    emit(form_schema())
    return DONE


def request(path: Path, *, file: Path, request_id: str | None, wait: bool, timeout_seconds: float, json: bool) -> int:
    """Ask, and print the outcome. Raises: UsageError (file, id, HOME)."""
    if not 0 <= timeout_seconds <= LONGEST_WAIT_SECONDS:  # false for NaN too
        raise FieldError("patience", f"is not between 0 and {LONGEST_WAIT_SECONDS} seconds")
    patience = timedelta(seconds=timeout_seconds) if wait else None
    shown = asyncio.run(_asked(open_home(path), read_form(file), request_id, patience))
    print_request(shown, json=json)
    return EXIT_CODES[shown.stands]


async def _asked(home: Home, form: bytes, request_id: str | None, patience: timedelta | None) -> RequestShown:
    async with open_hub(home) as hub:
        known = prepare(hub, form, request_id=request_id)
        say(known)
        return await ask(hub, form, request_id=known, patience=patience)


def print_request(shown: RequestShown, *, json: bool) -> None:
    """Print a request as it stands, as JSON or for people."""
    if shown.notice is not None:
        say(f"mash: {shown.notice}")
    if json:
        emit(shown.document)
        return
    from broker.cli.views.summary import show_summary

    show_summary(shown.document)
