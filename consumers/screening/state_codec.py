"""A request's state as bytes, to be sealed at rest, and back. What is read here was authenticated by the rest key."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from consumers.screening.join import OpenedAnswer, RequestState
from schemas.answer import Answer
from schemas.exchange import DispatchBody


def to_bytes(state: RequestState) -> bytes:
    """Return the state as it is encrypted."""
    opened = [
        {
            "organisation": one.organisation,
            "answers": one.answers.hex(),
            "answer": one.answer.model_dump_json(),
            "digest": one.digest.hex(),
            "event_id": one.event_id,
            "received_at": one.received_at.isoformat(),
            "recorded": one.recorded,
            "directory_expired": one.directory_expired,
        }
        for one in state.opened
    ]
    dispatch = state.dispatch.model_dump_json() if state.dispatch else None
    return json.dumps({"dispatch": dispatch, "opened": opened}).encode()


def from_bytes(request_id: str, plain: bytes) -> RequestState:
    """Return the state again; the id stands beside it, and the rest key bound the two together."""
    kept = json.loads(plain)
    dispatch = kept["dispatch"]
    return RequestState(
        request_id=request_id,
        dispatch=DispatchBody.model_validate_json(dispatch) if dispatch else None,
        opened=tuple(_read_opened(one) for one in kept["opened"]),
    )


def _read_opened(kept: dict[str, Any]) -> OpenedAnswer:
    return OpenedAnswer(
        organisation=kept["organisation"],
        answers=bytes.fromhex(kept["answers"]),
        answer=Answer.model_validate_json(kept["answer"]),
        digest=bytes.fromhex(kept["digest"]),
        event_id=kept["event_id"],
        received_at=datetime.fromisoformat(kept["received_at"]),
        recorded=kept["recorded"],
        directory_expired=kept["directory_expired"],
    )
