"""Reading one record by its release table: the one way from a source field to an item, for every sector.

Promise: (1) only fields that a row lists are read, and of an object only what the row reads; (2) every other field
that holds something is counted by its pointer; (3) class, kind and flags come from the table, never from a mapping;
(4) the stricter class wins when a value says so; (5) a record that names nobody is rejected; (6) what does not stand
is not told; (7) a record that tells nothing is flagged, unless it says who somebody is. A mapping only turns
what its row reads into a sentence, so it can neither leak a field nor forget one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, final

from agents.sdk.mapping.release_table import VALUE, IndexRow, IndexUse, ReleaseRow, Row, Shape, Shapes
from agents.sdk.mapping.results import Flagged, Json, JsonObject, RecordFound, RecordRead, Rejected
from agents.sdk.mapping.standing import is_over, stands
from agents.sdk.mapping.subject import SubjectBuilder
from agents.sdk.mapping.values import (
    MOST_TEXT,
    Fields,
    Unreadable,
    Value,
    is_nothing,
    last_day,
    one_line,
    precision_of,
    read_value,
)
from broker.holder.name_matching import split_name
from broker.holder.source import Holding, IdentifierHeld
from schemas.vocabulary import DataClass

Narrative = Callable[[Fields], str | None]
"""Writes what a field says, for a social worker; None when it says nothing after all."""

RecordNarratives = Mapping[str, Narrative]
"""A narrative for every releasing row of one record type, by the row's pointer."""

Narratives = Mapping[str, RecordNarratives]
"""The narratives of each record type."""

MOST_ITEM_TEXT: Final = 2 * MOST_TEXT
_FIELD_NAME: Final = re.compile(r"_?[a-z][A-Za-z0-9_.-]{0,63}")


@lru_cache(maxsize=4096)
def step(key: str) -> str:
    """Write an unknown key into a pointer; one that is not written as fields are may be a person's, and is `*`."""
    return f"/{key}" if _FIELD_NAME.fullmatch(key) else "/*"


@final
@dataclass(slots=True)
class _Node:
    """One step of the table's pointers; `covered` names what rows below or here read of this object."""

    pointer: str = ""
    row: Row | None = None
    steps: dict[str, _Node] = field(default_factory=dict)
    covered: set[str] = field(default_factory=set)


@final
@dataclass(slots=True, kw_only=True)
class _OpenRecord:
    """One record while it is read."""

    found: RecordFound
    subject: SubjectBuilder
    flagged: list[Flagged]
    today: date
    source: str
    source_ref: str = field(repr=False)
    items: list[Holding] = field(default_factory=list, repr=False)
    ignored: dict[str, int] = field(default_factory=dict)

    def ignore(self, pattern: str) -> None:
        self.ignored[pattern] = self.ignored.get(pattern, 0) + 1  # (2)


@final
@dataclass(slots=True)
class _Location:
    """The place that is read, and the enclosing object with its own place. Not frozen: one is made for every value."""

    at: str
    enclosing: JsonObject = field(repr=False)
    enclosing_at: str

    def into(self, key: str, enclosing: JsonObject) -> _Location:
        return _Location(f"{self.at}/{key}", enclosing, self.at)

    def element(self, index: int) -> _Location:
        return _Location(f"{self.at}/{index}", self.enclosing, self.enclosing_at)


@final
class RecordReader:
    """Reads the records of one type by its rows of the release table."""

    def __init__(self, record_type: str, rows: Mapping[str, Row], narratives: RecordNarratives) -> None:
        self.record_type = record_type
        self.fields: frozenset[str] = frozenset(pointer.split("/")[1] for pointer in rows)
        self.shapes: Shapes = dict(_shapes(rows))
        self._narratives = narratives
        uses = {row.use for row in rows.values() if isinstance(row, IndexRow)}
        self._tells = bool(narratives) and uses.isdisjoint({IndexUse.FAMILY_NAME, IndexUse.DATE_OF_BIRTH})
        self._root = _Node()
        for pointer, row in rows.items():
            self._add_row(pointer, row)

    def read(
        self,
        found: RecordFound,
        *,
        bound: tuple[IdentifierHeld, ...],
        verified_identifiers: bool,
        flagged: list[Flagged],
        today: date,
    ) -> RecordRead | Rejected:
        """Read one record; complaints that do not reject it go to `flagged`. `today` decides what is in force."""
        heard = len(flagged)
        subject = SubjectBuilder(custodian=found.custodian, verified_identifiers=verified_identifiers, flagged=flagged)
        state = _OpenRecord(
            found=found,
            subject=subject,
            flagged=flagged,
            today=today,
            source=one_line(found.system),
            source_ref=one_line(found.reference),
        )
        location = _Location(found.payload_at, found.payload, found.payload_at)
        self._walk(self._root, found.payload, location, state)
        if found.person_id is not None:
            subject.add_person_id(found.person_id, at=f"{found.at}/personId")
        if found.person_key is not None:
            subject.add_key(found.person_key, found.other_person_keys)
        if found.restricted:
            subject.restrict()
        subject.bind(bound, at=found.at)
        if not subject.names_somebody:  # (5)
            return Rejected(at=found.at, reason="NO_SUBJECT")
        if self._tells and not state.items and len(flagged) == heard:
            flagged.append(Flagged(at=found.at, reason="NO_ITEM"))  # (7)
        return RecordRead(
            at=found.at,
            key=(found.custodian, found.system, found.reference),
            subject=subject.build(),
            items=tuple(state.items),
            ignored=tuple(state.ignored.items()),
            version=found.version,
        )

    def _add_row(self, pointer: str, row: Row) -> None:
        steps = pointer.split("/")[1:]
        node = self._root
        path = [node]
        for key in steps:
            node = _step_into(node, key)
            path.append(node)
        node.row = row
        if isinstance(row, ReleaseRow):
            for name in set(row.reads) - {VALUE}:
                _cover(node, name)
            named = max(index for index, key in enumerate(steps) if key != "*")
            path[named].covered |= set(row.context)

    def _walk(self, node: _Node, value: Json, location: _Location, state: _OpenRecord) -> None:
        if node is not self._root and isinstance(value, dict) and (reason := stands(value)) is not None:
            state.flagged.append(Flagged(at=location.at, reason=reason))  # (6)
            return
        if node.row is not None:
            self._apply(node.row, node.pointer, value, location, state)
        if isinstance(value, dict):
            self._walk_object(node, value, location, state)
        elif isinstance(value, list) and "*" in node.steps:
            below = node.steps["*"]
            for index, element in enumerate(value):
                if not is_nothing(element):
                    self._walk(below, element, location.element(index), state)
        elif node.row is None:
            state.flagged.append(Flagged(at=location.at, reason="WRONG_SHAPE"))

    def _walk_object(self, node: _Node, value: JsonObject, location: _Location, state: _OpenRecord) -> None:
        for key, inner in value.items():
            if is_nothing(inner):
                continue
            below = node.steps.get(key)
            if below is not None:
                self._walk(below, inner, location.into(key, value), state)
            elif key not in node.covered:  # (1)
                state.ignore(state.found.pattern + node.pointer + step(key))

    def _apply(self, row: Row, pointer: str, value: Json, location: _Location, state: _OpenRecord) -> None:
        if isinstance(row, IndexRow):
            read = read_value(value, row.shape, at=location.at, flagged=state.flagged)
            state.subject.add(row.use, read, at=location.at, place=location.enclosing_at)
        elif VALUE not in row.reads and not isinstance(value, dict):
            state.flagged.append(Flagged(at=location.at, reason="WRONG_SHAPE"))
        else:
            self._release(row, pointer, value, location, state)

    def _release(self, row: ReleaseRow, pointer: str, value: Json, location: _Location, state: _OpenRecord) -> None:
        own = _read_fields(row.reads, value, location.at, state.flagged)
        values = own
        if row.context:
            heard = state.flagged if row.dated_by in row.context else []  # else the row that reads it there flags it
            values = {**_read_fields(row.context, location.enclosing, location.enclosing_at, heard), **own}
        if any(values[name] is None or isinstance(values[name], Unreadable) for name in row.needs):
            state.flagged.append(Flagged(at=location.at, reason="INCOMPLETE"))
            return
        if own.get(VALUE) is False or all(one is None for one in own.values()):
            return  # nothing held, or a risk that is said not to be there
        if row.in_force is not None and _has_ended(row.in_force, value, own, state.today):
            state.flagged.append(Flagged(at=location.at, reason="ENDED"))
            return
        fields = Fields(values=values)
        text = self._narratives[pointer](fields)
        if text:
            where = f"{self.record_type}#{location.at.removeprefix(state.found.payload_at)}"
            state.items.append(_holding(_fitting(row, values), fields, text[:MOST_ITEM_TEXT], where, state))


def _shapes(rows: Mapping[str, Row]) -> Iterator[tuple[str, Shape]]:
    """The shape of every field that some row reads, by its pointer."""
    for pointer, row in rows.items():
        if isinstance(row, IndexRow):
            yield pointer, row.shape
            continue
        enclosing = pointer.rpartition("/")[0]
        yield from ((f"{pointer}/{name}" if name else pointer, shape) for name, shape in row.reads.items())
        yield from ((f"{enclosing}/{name}", shape) for name, shape in row.context.items())


def _read_fields(shapes: Shapes, value: Json, at: str, flagged: list[Flagged]) -> dict[str, Value]:
    if VALUE in shapes:
        return {VALUE: read_value(value, shapes[VALUE], at=at, flagged=flagged)}
    read: dict[str, Value] = {}
    for name, shape in shapes.items():
        held = _below(value, name)
        read[name] = None if held is None else read_value(held, shape, at=f"{at}/{name}", flagged=flagged)
    return read


def _step_into(node: _Node, key: str) -> _Node:
    return node.steps.setdefault(key, _Node(f"{node.pointer}/{key}"))


def _cover(node: _Node, name: str) -> None:
    """Note that a row reads `name`; `a/b` is the field b of the object a, and only that of it."""
    *objects, last = name.split("/")
    for key in objects:
        node = _step_into(node, key)
    node.covered.add(last)


def _below(value: Json, name: str) -> Json:
    if isinstance(value, dict) and (name in value or "/" not in name):
        return value.get(name)
    for key in name.split("/"):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _fitting(row: ReleaseRow, values: Mapping[str, Value]) -> ReleaseRow:
    """The first variant whose field holds one of its words, or the row itself."""
    for variant in row.variants:
        if _word(values[variant.field]) in variant.words:
            return variant.row
    return row


def _word(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).casefold()


def _class_of(row: ReleaseRow, values: Mapping[str, Value]) -> DataClass:
    if not row.by_content:
        return row.data_class
    said = " ".join(value.casefold() for value in values.values() if isinstance(value, str))
    said = f" {said} "  # so that " sen " can stand for the word, which "absence" does not hold
    for stricter in row.by_content:  # (4)
        if any(word in said for word in stricter.words):
            return stricter.data_class
    return row.data_class


def _has_ended(ends: tuple[str, ...], value: Json, own: Mapping[str, Value], today: date) -> bool:
    """Return whether something that is told only while it is in force has ended; an end nobody can read has."""
    days = [own[name] for name in ends]
    if any(isinstance(day, Unreadable) for day in days):
        return True
    last_days = [last_day(day) for day in days if isinstance(day, date)]
    return is_over(value, last_days, today=today) if isinstance(value, dict) else False


def _holding(row: ReleaseRow, fields: Fields, text: str, where: str, state: _OpenRecord) -> Holding:
    day = fields.day(row.dated_by) if row.dated_by is not None else None
    named = fields.text(row.concerns) or "" if row.concerns is not None else None
    return Holding(  # (3)
        field=where,
        type=row.type,
        data_class=_class_of(row, fields.values),
        kind=row.kind,
        date=day,
        precision=precision_of(day) if day else None,
        text=text,
        source=state.source,
        source_ref=state.source_ref,
        recorded_at=None,
        flagged=row.flagged,
        third_party=row.third_party,
        location=row.location,
        statutory_bar=row.statutory_bar,
        dsar_hint=row.dsar_hint,
        onward=row.onward,
        concerns=None if named is None else split_name(named),  # nobody by name is nobody who was asked about
    )
