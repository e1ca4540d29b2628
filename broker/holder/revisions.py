"""History: which revisions this organisation gave of each answer, which desk items it closed, by which message.

Written before publishing and read for the next message under the same key, in log order, so that redelivery after a
crash gives the same revision again, and an item is decided once.
"""

from __future__ import annotations

from broker.ports import Database, LogOffset

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS revisions (
        request_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
        revision INTEGER NOT NULL, PRIMARY KEY (request_id, topic, partition, position))""",
    """CREATE TABLE IF NOT EXISTS closed_items (
        item_id TEXT PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL)""",
)


class Revisions:
    """The revisions given and items closed so far, in the organisation's own database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_revision(self, request_id: str, place: LogOffset) -> int:
        """Return the revision that the message at this place gives: one more than any message before it gave."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                """SELECT max(revision) FROM revisions WHERE request_id = :request_id
                AND NOT (topic = :topic AND partition = :partition AND position >= :position)""",
                request_id=request_id,
                **_key(place),
            )
        return 1 if rows[0][0] is None else int(rows[0][0]) + 1

    def gave(self, request_id: str, revision: int, place: LogOffset) -> None:
        """Note a revision before it goes out. Crash after this: redelivery notes the same one again."""
        with self._database.transaction() as transaction:
            transaction.execute(
                """INSERT INTO revisions (request_id, topic, partition, position, revision)
                VALUES (:request_id, :topic, :partition, :position, :revision)
                ON CONFLICT (request_id, topic, partition, position) DO UPDATE SET revision = :revision""",
                request_id=request_id,
                revision=revision,
                **_key(place),
            )

    def closed(self, item_id: str, place: LogOffset) -> None:
        """Note which message closes an item, before that is published."""
        with self._database.transaction() as transaction:
            transaction.execute(
                """INSERT INTO closed_items (item_id, topic, partition, position)
                VALUES (:item_id, :topic, :partition, :position) ON CONFLICT (item_id) DO NOTHING""",
                item_id=item_id,
                **_key(place),
            )

    def is_closed(self, item_id: str, *, apart_from: LogOffset) -> bool:
        """Return whether another message than this one closed the item already."""
        with self._database.snapshot() as transaction:
            rows = transaction.execute(
                "SELECT topic, partition, position FROM closed_items WHERE item_id = :item_id", item_id=item_id
            )
        return bool(rows) and tuple(rows[0]) != (apart_from.topic, apart_from.partition, apart_from.offset)


def _key(place: LogOffset) -> dict[str, str | int]:
    return {"topic": place.topic, "partition": place.partition, "position": place.offset}
