"""The holder's own account of each answer: field by field what was released, left out and why. It never travels.

Kept sealed in the organisation's own database, because a field's path and fate tell about a person.
"""

from __future__ import annotations

import json

from broker.holder.minimise import AccountLine, Draft
from broker.ports import Database, RestKey
from schemas.vocabulary import DataClass

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS accounts (
        request_id TEXT NOT NULL, revision INTEGER NOT NULL, sealed BLOB NOT NULL,
        PRIMARY KEY (request_id, revision))""",
)


class Accounts:
    """The accounts of one organisation, by request and revision."""

    def __init__(self, database: Database, *, rest: RestKey) -> None:
        self._database = database
        self._rest = rest

    def keep(self, request_id: str, revision: int, draft: Draft) -> None:
        """Write the account of a draft before it goes anywhere; the same request again overwrites."""
        ignored = [line for holdings in draft.found.held.values() for line in holdings.ignored_fields]
        plain = json.dumps(
            {
                "lines": [
                    [one.field, one.about, one.type, one.data_class, one.released, one.reason] for one in draft.account
                ],
                "ignored": ignored,
            }
        )
        sealed = self._rest.encrypt(plain.encode(), context=_context(request_id, revision))
        with self._database.transaction() as transaction:
            transaction.execute(
                """INSERT INTO accounts (request_id, revision, sealed) VALUES (:request_id, :revision, :sealed)
                ON CONFLICT (request_id, revision) DO UPDATE SET sealed = :sealed""",
                request_id=request_id,
                revision=revision,
                sealed=sealed,
            )

    def latest(self, request_id: str) -> tuple[tuple[AccountLine, ...], dict[str, int]] | None:
        """Return the lines of the latest revision and the ignored fields with their counts; None where there is none.
        """
        with self._database.transaction() as transaction:
            rows = transaction.execute(
                """SELECT revision, sealed FROM accounts WHERE request_id = :request_id
                ORDER BY revision DESC LIMIT 1""",
                request_id=request_id,
            )
        if not rows:
            return None
        plain = self._rest.decrypt(bytes(rows[0][1]), context=_context(request_id, int(rows[0][0])))
        kept = json.loads(plain)
        ignored: dict[str, int] = {}
        for field, count in kept["ignored"]:
            ignored[field] = ignored.get(field, 0) + count
        return tuple(_line(*line) for line in kept["lines"]), ignored


def _line(field: str, about: str, item_type: str, data_class: str, released: bool, reason: str) -> AccountLine:
    return AccountLine(
        field=field,
        about=about,
        type=item_type,
        data_class=DataClass(data_class),
        released=released,
        reason=reason,
    )


def _context(request_id: str, revision: int) -> bytes:
    return f"account/{request_id}/{revision}".encode()
