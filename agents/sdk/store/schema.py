"""The record store's tables, and how subjects and items stand in their rows.

Promise: what is written is read back the same. `sources` are where ids mean something, `gaps` what of them was not
read, `withdrawn` which records are not to come back, `unnamed` the ids
in files without a source. `links` holds the records of one person together, `searches` finds
them by name and date of birth; both are keys of `linkage` and `name_matching`, so a look-up is as quick among a million
people as among ten. SQL is portable: TEXT and INTEGER, dates as ISO text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from agents.sdk.mapping.results import Subject
from broker.holder.name_matching import family_keys, given_keys
from broker.holder.resemblance import keys_held
from broker.holder.source import Holding, IdentifierHeld, NameHeld
from broker.ports import Transaction
from schemas.vocabulary import DataClass, DsarHint, IdentifierScheme, ItemKind, Onward, Precision, Sex

STORE_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS store (store_id TEXT PRIMARY KEY, imports INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS sources (
        source TEXT PRIMARY KEY, named INTEGER NOT NULL, imported_at TEXT NOT NULL,
        as_at TEXT NOT NULL, extracted INTEGER NOT NULL, lost INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS systems (source TEXT NOT NULL, system TEXT NOT NULL, PRIMARY KEY (source, system))""",
    """CREATE TABLE IF NOT EXISTS gaps (
        digest TEXT NOT NULL, reason TEXT NOT NULL, source TEXT NOT NULL, place TEXT NOT NULL,
        tried INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (digest, source, reason))""",
    """CREATE TABLE IF NOT EXISTS withdrawn (
        base_key TEXT PRIMARY KEY, source TEXT NOT NULL, reason TEXT NOT NULL, updated TEXT, version INTEGER,
        final INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS files (
        file_id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, format TEXT NOT NULL,
        imported_at TEXT NOT NULL, as_at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS records (
        record_id INTEGER PRIMARY KEY, record_key TEXT NOT NULL UNIQUE, base_key TEXT NOT NULL,
        file_id INTEGER NOT NULL, source TEXT NOT NULL, system TEXT NOT NULL, subject TEXT NOT NULL,
        updated TEXT, version INTEGER)""",
    """CREATE TABLE IF NOT EXISTS links (
        link_key TEXT NOT NULL, record_id INTEGER NOT NULL, PRIMARY KEY (link_key, record_id))""",
    """CREATE TABLE IF NOT EXISTS searches (
        search_key TEXT NOT NULL, record_id INTEGER NOT NULL, PRIMARY KEY (search_key, record_id))""",
    """CREATE TABLE IF NOT EXISTS items (
        record_id INTEGER NOT NULL, place INTEGER NOT NULL, field TEXT NOT NULL, type TEXT NOT NULL,
        data_class TEXT NOT NULL, kind TEXT NOT NULL, date TEXT, precision TEXT, text TEXT NOT NULL,
        source TEXT NOT NULL, source_ref TEXT NOT NULL, recorded_at TEXT, flagged INTEGER NOT NULL,
        third_party INTEGER NOT NULL, location INTEGER NOT NULL, statutory_bar INTEGER NOT NULL,
        dsar_hint TEXT, onward TEXT NOT NULL, concerns TEXT, PRIMARY KEY (record_id, place))""",
    """CREATE TABLE IF NOT EXISTS ignored (
        record_id INTEGER NOT NULL, pointer TEXT NOT NULL, number INTEGER NOT NULL,
        PRIMARY KEY (record_id, pointer))""",
    """CREATE TABLE IF NOT EXISTS unnamed (
        id_mark TEXT NOT NULL, record_id INTEGER NOT NULL, PRIMARY KEY (id_mark, record_id))""",
    "CREATE INDEX IF NOT EXISTS unnamed_by_record ON unnamed (record_id)",
    "CREATE INDEX IF NOT EXISTS records_by_file ON records (file_id)",
    "CREATE INDEX IF NOT EXISTS records_by_base ON records (base_key)",
    "CREATE INDEX IF NOT EXISTS records_by_source ON records (source, record_id)",
    "CREATE INDEX IF NOT EXISTS sources_by_age ON sources (as_at)",
    "CREATE INDEX IF NOT EXISTS systems_by_name ON systems (system)",
    "CREATE INDEX IF NOT EXISTS links_by_record ON links (record_id)",
    "CREATE INDEX IF NOT EXISTS searches_by_record ON searches (record_id)",
)

Row = dict[str, Any]

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_MOST_VALUES: Final = 500
"""Values in one `IN` list; engines bound the parameters of a statement."""


def run_among(transaction: Transaction, sql: str, values: Sequence[int | str]) -> list[tuple[Any, ...]]:
    """Run a statement that holds `IN (:values)` for all values, some at a time, and return every row."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(values), _MOST_VALUES):
        part = {f"v{place}": value for place, value in enumerate(values[start : start + _MOST_VALUES])}
        names = ", ".join(f":{name}" for name in part)
        rows += transaction.execute(sql.replace(":values", names), **part)
    return rows


def record_key(*parts: str) -> str:
    """Return a record's lasting id: the same record in a later file has the same, whatever its row number."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def search_keys(subject: Subject) -> frozenset[str]:
    """Every key under which a record is found without an identifier: two names, or what makes it resemble."""
    pairs = (key for name in subject.names for key in pair_keys(given_keys(name), family_keys(name)))
    return keys_held(subject) | frozenset(pairs)


def pair_keys(given: frozenset[str], family: frozenset[str]) -> Iterator[str]:
    """The keys of two names together."""
    return (f"names|{one}|{other}" for one in given for other in family)


def _name_to_json(name: NameHeld) -> list[object]:
    return [list(name.given_names), name.family_name]


def _name_from_json(held: Any) -> NameHeld:
    return NameHeld(given_names=tuple(held[0]), family_name=held[1])


def subject_to_text(subject: Subject) -> str:
    """Write a subject for its row."""
    return _ENCODER.encode(
        {
            "names": [_name_to_json(name) for name in subject.names],
            "born": [day.isoformat() for day in subject.dates_of_birth],
            "sexes": subject.sexes,
            "postcodes": subject.postcodes,
            "identifiers": [[held.scheme, held.value, held.verified] for held in subject.identifiers],
            "custodian_key": subject.custodian_key,
            "restricted": subject.restricted,
            "partial_births": subject.partial_births,
            "multiple_birth": subject.multiple_birth,
            "other_keys": subject.other_keys,
        }
    )


def subject_from_text(text: str) -> Subject:
    """Read a subject from its row."""
    held = json.loads(text)
    return Subject(
        names=tuple(_name_from_json(name) for name in held["names"]),
        dates_of_birth=tuple(date.fromisoformat(day) for day in held["born"]),
        sexes=tuple(Sex(sex) for sex in held["sexes"]),
        postcodes=tuple(held["postcodes"]),
        identifiers=tuple(
            IdentifierHeld(scheme=IdentifierScheme(scheme), value=value, verified=verified)
            for scheme, value, verified in held["identifiers"]
        ),
        custodian_key=held["custodian_key"],
        restricted=held["restricted"],
        partial_births=tuple(held["partial_births"]),
        multiple_birth=held["multiple_birth"],
        other_keys=tuple(held["other_keys"]),
    )


def births_from_text(text: str) -> list[str]:
    """Read no more of a subject's row than its dates of birth, as the row has them."""
    born: list[str] = json.loads(text)["born"]
    return born


def item_to_row(item: Holding) -> Row:
    """Write an item for its row."""
    return {
        "field": item.field,
        "type": item.type,
        "data_class": str(item.data_class),
        "kind": str(item.kind),
        "date": item.date.isoformat() if item.date else None,
        "precision": str(item.precision) if item.precision else None,
        "text": item.text,
        "source": item.source,
        "source_ref": item.source_ref,
        "recorded_at": item.recorded_at.isoformat() if item.recorded_at else None,
        "flagged": int(item.flagged),
        "third_party": int(item.third_party),
        "location": int(item.location),
        "statutory_bar": int(item.statutory_bar),
        "dsar_hint": str(item.dsar_hint) if item.dsar_hint else None,
        "onward": str(item.onward),
        "concerns": json.dumps(_name_to_json(item.concerns)) if item.concerns else None,
    }


def item_from_row(row: tuple[Any, ...]) -> Holding:
    """Read an item from its columns, in the order of the table."""
    where, item_type, data_class, kind, day, precision, text, source, source_ref, recorded_at, *flags = row
    flagged, third_party, location, statutory_bar, dsar_hint, onward, concerns = flags
    return Holding(
        field=where,
        type=item_type,
        data_class=DataClass(data_class),
        kind=ItemKind(kind),
        date=date.fromisoformat(day) if day else None,
        precision=Precision(precision) if precision else None,
        text=text,
        source=source,
        source_ref=source_ref,
        recorded_at=datetime.fromisoformat(recorded_at) if recorded_at else None,
        flagged=bool(flagged),
        third_party=bool(third_party),
        location=bool(location),
        statutory_bar=bool(statutory_bar),
        dsar_hint=DsarHint(dsar_hint) if dsar_hint else None,
        onward=Onward(onward),
        concerns=_name_from_json(json.loads(concerns)) if concerns else None,
    )
