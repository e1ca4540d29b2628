"""The holder's own account of each answer: field by field what was released, left out and why. It never travels.

Kept sealed in the organisation's own database, because a field's path and fate tell about a person.
"""

from __future__ import annotations

import json

from broker.holder.evidence import signed_field
from broker.holder.minimise import RELEASED, AccountLine, Draft
from broker.ports import Database, RestKey
from schemas.vocabulary import DataClass

AWAITS_SIGN_OFF = "AWAITS_SIGN_OFF"
LEFT_OUT_BY_PRACTITIONER = "LEFT_OUT_BY_PRACTITIONER"
CHANGED_BY_PRACTITIONER = "CHANGED_BY_PRACTITIONER"
OFFERED = frozenset({RELEASED, AWAITS_SIGN_OFF})
"""What a practitioner was shown: the draft's items, in the order of their lines."""

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

    def keep(self, request_id: str, revision: int, draft: Draft, *, waits: bool) -> None:
        """Write the account of a draft before it goes anywhere; `waits`: a practitioner signs it off first."""
        lines = draft.account
        if waits:
            lines = tuple(_with(one, released=False, reason=AWAITS_SIGN_OFF) if one.released else one for one in lines)
        ignored = [line for holdings in draft.found.held.values() for line in holdings.ignored_fields]
        self._write(request_id, revision, lines, _summed(ignored))

    def sign(self, request_id: str, revision: int, signed: Draft, *, left_out: frozenset[int]) -> None:
        """Write what became of each line once signed off: released, left out by the practitioner, or forbidden today.

        Where no draft was looked up (answered by hand), the signed items are the account.
        """
        before = self.latest(request_id)
        if before is None:
            return self.keep(request_id, revision, signed, waits=False)
        fates = {line.field: line for line in signed.account}
        number = kept = -1
        lines = []
        for line in before[0]:
            if line.reason not in OFFERED:
                lines.append(line)
                continue
            number += 1
            if number in left_out:
                lines.append(_with(line, released=False, reason=LEFT_OUT_BY_PRACTITIONER))
                continue
            kept += 1
            fate = fates.get(signed_field(kept))
            reason = fate.reason if fate else CHANGED_BY_PRACTITIONER
            lines.append(_with(line, released=bool(fate and fate.released), reason=reason))
        return self._write(request_id, revision, tuple(lines), before[1])

    def _write(self, request_id: str, revision: int, lines: tuple[AccountLine, ...], ignored: dict[str, int]) -> None:
        rows = [[one.field, one.about, one.type, one.data_class, one.released, one.reason] for one in lines]
        plain = json.dumps({"lines": rows, "ignored": ignored})
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
        """Return the latest revision's lines and the ignored fields with their counts; None where there is none."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                """SELECT revision, sealed FROM accounts WHERE request_id = :request_id
                ORDER BY revision DESC LIMIT 1""",
                request_id=request_id,
            )
        if not rows:
            return None
        plain = self._rest.decrypt(bytes(rows[0][1]), context=_context(request_id, int(rows[0][0])))
        kept = json.loads(plain)
        return tuple(_line(*line) for line in kept["lines"]), kept["ignored"]


def _summed(pairs: list[tuple[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for field, count in pairs:
        counts[field] = counts.get(field, 0) + count
    return counts


def _with(line: AccountLine, *, released: bool, reason: str) -> AccountLine:
    return _line(line.field, line.about, line.type, line.data_class, released, reason)


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
