"""The release table: which field of which record becomes which item, as reviewed data.

Promise: a field that no row lists is never read, and a table that says anything unknown does not load. The rules
of the loader: (1) every word is of the vocabulary; (2) every key is known; (3) a row either releases an item or
feeds the index; (4) what a row reads, and of which shape, is stated; (5) one class decides each item's gate
row, and a class by content may only name another class, never none; (6) an item goes no further than the MASH
unless its row says so.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar, final

from broker.errors import UsageError
from schemas.vocabulary import DataClass, DsarHint, ItemKind, Onward


class Shape(StrEnum):
    """The form that a field must have to be read at all."""

    TEXT = "TEXT"
    YES_NO = "YES_NO"
    DATE = "DATE"
    SCHOOL_YEAR = "SCHOOL_YEAR"
    """The year in which a school year ends: read as its last day, of which only the year is known."""

    NUMBER = "NUMBER"
    LEVEL = "LEVEL"
    """LOW, MEDIUM, HIGH or VERY_HIGH."""

    LEVELS = "LEVELS"
    """A level for each group of people, or the groups of each level."""

    ANYTHING_BUT_NO = "ANYTHING_BUT_NO"
    """Whatever is held counts as yes, unless it says no: nothing that is unclear opens what is closed."""


class IndexUse(StrEnum):
    """The use of a field that says who the record is about: it finds people and is never released."""

    GIVEN_NAMES = "GIVEN_NAMES"
    FAMILY_NAME = "FAMILY_NAME"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    SEX = "SEX"
    POSTCODE = "POSTCODE"
    NHS = "NHS"
    UPN = "UPN"
    ULN = "ULN"
    PNC = "PNC"
    CRO = "CRO"
    CRN = "CRN"
    NOMS = "NOMS"
    CSC = "CSC"
    YJS = "YJS"
    TENANCY = "TENANCY"
    NDTMS = "NDTMS"
    RESTRICTED = "RESTRICTED"
    LIMITED = "LIMITED"
    """Restricts as RESTRICTED does, by anything but a no: a list of who may read, a message."""

    MULTIPLE_BIRTH = "MULTIPLE_BIRTH"
    """Says that the person is one of twins or more, by anything but a no."""


VALUE: Final = ""
"""The name under which a row that is not an object reads its own value."""

Shapes = Mapping[str, Shape]

DAYS: Final = frozenset({Shape.DATE, Shape.SCHOOL_YEAR})
"""The shapes that can date an item."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ByContent:
    """A stricter class for values that hold one of these words, in any case."""

    words: tuple[str, ...]
    data_class: DataClass


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """A field that says who the record is about."""

    use: IndexUse

    @property
    def shape(self) -> Shape:
        """The form that this use asks for."""
        return _INDEX_SHAPES.get(self.use, Shape.TEXT)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """A field that becomes an item: its type, its one class, its kind and its flags."""

    type: str
    data_class: DataClass
    by_content: tuple[ByContent, ...]
    variants: tuple[Variant, ...]
    kind: ItemKind
    reads: Shapes
    context: Shapes
    needs: tuple[str, ...]
    dated_by: str | None
    concerns: str | None
    in_force: tuple[str, ...] | None
    """Only what is in force is told: the dates that it ends by, or None where it matters afterwards too."""

    flagged: bool
    third_party: bool
    location: bool
    statutory_bar: bool
    dsar_hint: DsarHint | None
    onward: Onward


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The row instead, where `field` holds one of these words: a code, `yes` or `no`, or "" for nothing at all."""

    field: str
    words: frozenset[str]
    row: ReleaseRow


Row = IndexRow | ReleaseRow


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTable:
    """Rows by record type and JSON Pointer within the record (`*` for every element of a list)."""

    records: Mapping[str, Mapping[str, Row]] = field(repr=False)

    @property
    def data_classes(self) -> frozenset[DataClass]:
        """Every class that an item of this table can have."""
        rows = [row for record in self.records.values() for row in record.values()]
        released = [row for row in rows if isinstance(row, ReleaseRow)]
        released += [variant.row for row in released for variant in row.variants]
        stricter = {part.data_class for row in released for part in row.by_content}
        return frozenset({row.data_class for row in released} | stricter)

    def released(self) -> frozenset[tuple[str, str]]:
        """Every (record type, pointer) that becomes an item."""
        return frozenset(
            (record, pointer)
            for record, rows in self.records.items()
            for pointer, row in rows.items()
            if isinstance(row, ReleaseRow)
        )


_INDEX_SHAPES: Final = {IndexUse.DATE_OF_BIRTH: Shape.DATE, IndexUse.RESTRICTED: Shape.YES_NO} | {
    IndexUse.LIMITED: Shape.ANYTHING_BUT_NO,
    IndexUse.MULTIPLE_BIRTH: Shape.ANYTHING_BUT_NO,
}
_W = TypeVar("_W", bound=StrEnum)
_POINTER: Final = re.compile(r"(/(\*|[A-Za-z][A-Za-z0-9_]*))+")
_TYPE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_FLAGS: Final = ("flagged", "third_party", "location", "statutory_bar")
_RELEASE_KEYS: Final = frozenset(
    {"releases", "class", "class_by_content", "kind", "reads", "context", "dated_by", "concerns", "in_force"}
    | {"dsar_hint", "onward", "variants", "needs", *_FLAGS}
)
_VARIANT_KEYS: Final = frozenset(
    {"where", "holds", "releases", "class", "kind", "dated_by", "flagged", "third_party", "statutory_bar"}
)


def load_release(*paths: Path) -> ReleaseTable:
    """Read release tables into one. Raises: UsageError naming the file and the place of what is wrong in it."""
    records: dict[str, Mapping[str, Row]] = {}
    for path in paths:
        for record, rows in _parse(path).items():
            if record in records:
                raise UsageError(f"{path.name}: {record} has rows in two tables")
            if not isinstance(rows, dict):
                raise UsageError(f"{path.name}: {record} is no table of rows")
            records[record] = {p: _row(f"{path.name}: {record}{p}", p, row) for p, row in rows.items()}
    return ReleaseTable(records=records)


def _parse(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path.name}: not a readable release table ({type(error).__name__})") from None


def _row(where: str, pointer: str, row: object) -> Row:
    if not _POINTER.fullmatch(pointer) or not isinstance(row, dict):
        raise UsageError(f"{where}: no row under a JSON Pointer")
    if "index" in row:
        _known_keys(where, row, frozenset({"index"}))
        return IndexRow(use=_word(where, IndexUse, row["index"]))
    _known_keys(where, row, _RELEASE_KEYS)
    return _release_row(where, row)


def _release_row(where: str, row: dict[str, object]) -> ReleaseRow:
    reads, context = _shapes(where, row.get("reads")), _shapes(where, row.get("context", {}))
    item_type = row.get("releases")
    if not isinstance(item_type, str) or not _TYPE.fullmatch(item_type):
        raise UsageError(f"{where}: releases no item type")
    hint = row.get("dsar_hint")
    return ReleaseRow(
        type=item_type,
        data_class=_word(where, DataClass, row.get("class")),
        by_content=_by_content(where, row.get("class_by_content", [])),
        variants=_variants(where, row, {**reads, **context}),
        kind=_word(where, ItemKind, row.get("kind")),
        reads=reads,
        context=context,
        needs=_needs(where, row.get("needs", []), {**reads, **context}),
        dated_by=_reference(where, row.get("dated_by"), _dates({**reads, **context})),
        concerns=_reference(where, row.get("concerns"), {**reads, **context}),
        in_force=_in_force(where, row.get("in_force"), _dates(reads)),
        flagged=_flag(where, row.get("flagged", False)),
        third_party=_flag(where, row.get("third_party", False)),
        location=_flag(where, row.get("location", False)),
        statutory_bar=_flag(where, row.get("statutory_bar", False)),
        dsar_hint=None if hint is None else _word(where, DsarHint, hint),
        onward=_word(where, Onward, row.get("onward", "MASH_ONLY")),
    )


def _known_keys(where: str, row: dict[str, object], known: frozenset[str]) -> None:
    unknown = sorted(set(row) - known)  # (2)
    if unknown:
        raise UsageError(f"{where}: unknown key {unknown[0]}")


def _word(where: str, words: type[_W], value: object) -> _W:
    if isinstance(value, str) and value in words.__members__:  # (1)
        return words[value]
    raise UsageError(f"{where}: no word of {words.__name__}")


def _flag(where: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise UsageError(f"{where}: a flag is true or false")


def _shapes(where: str, value: object) -> Shapes:
    if isinstance(value, dict):
        return {str(name): _word(where, Shape, shape) for name, shape in value.items()}
    return {VALUE: _word(where, Shape, value)}  # (4)


def _reference(where: str, value: object, among: Shapes) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and value in among:
        return value
    raise UsageError(f"{where}: refers to what it does not read")


def _dates(shapes: Shapes) -> Shapes:
    return {name: shape for name, shape in shapes.items() if shape in DAYS}


def _needs(where: str, value: object, among: Shapes) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(name, str) and name in among for name in value):
        return tuple(value)
    raise UsageError(f"{where}: needs what it does not read")


def _in_force(where: str, value: object, among: Shapes) -> tuple[str, ...] | None:
    return None if value is None else _needs(where, value, among)


def _variants(where: str, row: dict[str, object], among: Shapes) -> tuple[Variant, ...]:
    parts = row.get("variants", [])
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise UsageError(f"{where}: variants is a list of tables")
    plain = {key: value for key, value in row.items() if key != "variants"}
    return tuple(_variant(where, plain, part, among) for part in parts)


def _variant(where: str, plain: dict[str, object], part: dict[str, object], among: Shapes) -> Variant:
    _known_keys(where, part, _VARIANT_KEYS)
    said, words = _reference(where, part.get("where"), among), part.get("holds")
    if said is None or not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise UsageError(f"{where}: a variant takes where and holds")
    changed = {key: value for key, value in part.items() if key not in ("where", "holds")}
    folded = frozenset(word.casefold() for word in words)
    return Variant(field=said, words=folded, row=_release_row(where, {**plain, **changed}))


def _by_content(where: str, value: object) -> tuple[ByContent, ...]:
    if not isinstance(value, list):
        raise UsageError(f"{where}: class_by_content is a list")
    return tuple(_one_by_content(where, part) for part in value)


def _one_by_content(where: str, part: object) -> ByContent:
    if not isinstance(part, dict) or set(part) != {"words", "class"}:
        raise UsageError(f"{where}: class_by_content takes words and class")
    words = part["words"]
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        raise UsageError(f"{where}: class_by_content needs words")
    return ByContent(words=tuple(word.casefold() for word in words), data_class=_word(where, DataClass, part["class"]))
