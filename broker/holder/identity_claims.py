"""Identity claims: the date of birth under which a record that states none was given. Two different ones contradict.

A number that a matching service assigned is enough where a source stores no demographics (ref 7.2 rule 1), but a
number can be mistyped into another child's. Such a record is remembered with the date of birth it was first asked
for under; asked for under another one, somebody is wrong, and a person must look. Only a keyed digest is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from broker.holder.source import Candidate, PersonSought
from broker.ports import Database

SCHEMA = ("CREATE TABLE IF NOT EXISTS claims (record_id TEXT PRIMARY KEY, birth_digest BLOB NOT NULL)",)


class IdentityClaims:
    """The dates of birth under which an organisation's records without demographics were given."""

    def __init__(self, database: Database, *, pseudonym: Callable[[bytes], bytes]) -> None:
        self._database = database
        self._pseudonym = pseudonym

    def doubted(self, people: Sequence[PersonSought], candidates: Mapping[str, Sequence[Candidate]]) -> frozenset[str]:
        """Return the records that were given before under another date of birth than now."""
        asked = [(person, one.record_id) for person in people for one in candidates[person.ref]]
        with self._database.snapshot() as transaction:
            known = {
                record_id: transaction.execute(
                    "SELECT birth_digest FROM claims WHERE record_id = :record_id", record_id=record_id
                )
                for _, record_id in asked
            }
        return frozenset(
            record_id
            for person, record_id in asked
            if known[record_id] and bytes(known[record_id][0][0]) != self._digest(person, record_id)
        )

    def remember(self, person: PersonSought, record_id: str) -> None:
        """Remember the first date of birth that a record was given under; a later one changes nothing."""
        with self._database.transaction() as transaction:
            transaction.execute(
                """INSERT INTO claims (record_id, birth_digest) VALUES (:record_id, :birth_digest)
                ON CONFLICT (record_id) DO NOTHING""",
                record_id=record_id,
                birth_digest=self._digest(person, record_id),
            )

    def _digest(self, person: PersonSought, record_id: str) -> bytes:
        return self._pseudonym(f"birth/{record_id}/{person.date_of_birth}".encode())
