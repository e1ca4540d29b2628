"""Every vector of what only one kind has comes to what it expects, read by whoever receives that kind."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.crypto import Mash1Crypto
from broker.adapters.sql import SqlDatabase
from broker.errors import RejectedError
from broker.exchange import journal as journal_store
from broker.exchange.parse import parse
from broker.exchange.verify import Verifier
from broker.holder.evidence import evidence_of
from broker.holder.receive import receive
from broker.ports import Database, Message
from consumers.audit.intake import Intake
from consumers.screening.join import RequestState, opened_answer, with_answer, with_dispatch
from schemas.answer import Answer
from schemas.codec import decode
from schemas.directory import Register
from schemas.exchange import Dispatch
from schemas.vocabulary import Kind
from tests.contract_text import reasons_of_kinds
from tests.vectors.test_envelope_vectors import HERE, PARTNERSHIP, message, published, reader

CASES = [json.loads(path.read_text("utf-8")) for path in sorted((HERE / "kinds").glob("*.json"))]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = SqlDatabase.open(tmp_path / "journal.sqlite", schema=journal_store.SCHEMA)
    yield opened
    opened.close()


@dataclass
class Receiver:
    """Whoever receives a kind, with what they remember of earlier messages."""

    verifier: Verifier
    now: datetime
    state: RequestState = field(default_factory=lambda: RequestState(request_id="any"))

    def take(self, one: Message) -> None:
        """Read one message as its receiver does. Raises: RejectedError."""
        match parse(one).kind:
            case Kind.REQUEST | Kind.DECISION:
                register = decode(Register, b64decode(PARTNERSHIP["register"]))
                enquiry = receive(one, verifier=self.verifier, now=self.now)
                evidence_of(enquiry, register=register, organisation=self.verifier.keys.principal)
            case Kind.AUDIT_EVENT:
                self._intake().take(one)
            case Kind.ANSWER:
                self._answer(one)
            case Kind.DISPATCH:
                dispatch = self.verifier.verify(parse(one), record=Dispatch, now=self.now).record.body
                self.state, words = with_dispatch(self.state, dispatch)
                _refuse(*words)

    def _answer(self, one: Message) -> None:
        verified = self.verifier.verify(parse(one), record=Answer, now=self.now)
        opened = opened_answer(verified, received_at=self.now)
        if isinstance(opened, str):
            raise RejectedError(opened)
        self.state, word = with_answer(self.state, opened)
        _refuse(*([word] if word else []))

    def _intake(self) -> Intake:
        return Intake(
            keys=self.verifier.keys,
            crypto=Mash1Crypto(),
            directory=published,
            known_version=self.verifier.known_version,
            clock=lambda: self.now,
        )


def _refuse(*words: str) -> None:
    for word in words:
        raise RejectedError(word)


def read_all(case: dict[str, Any], database: Database) -> None:
    """Read a case's messages in order. Raises: RejectedError at the last."""
    receiver = Receiver(verifier=reader(case, database), now=datetime.fromisoformat(case["now"]))
    *earlier, last = map(message, case["messages"])
    for one in earlier:
        receiver.take(one)
    receiver.take(last)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector_comes_to_what_it_expects(case: dict[str, Any], database: Database) -> None:
    if case["expect"] == "ACCEPT":
        read_all(case, database)
        return
    with pytest.raises(RejectedError) as refused:
        read_all(case, database)
    assert refused.value.reason == case["expect"]


def test_every_reason_of_a_kind_has_a_vector() -> None:
    assert {(case["expects_kind"], case["expect"]) for case in CASES} >= reasons_of_kinds()
