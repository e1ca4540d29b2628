"""The decision tables, as data: a partnership's `protocol.toml` (what it agreed), `law.toml` (what the law allows).

`load_tables` promises that every combination of facts meets exactly one row, so the engine never meets a gap
and the order of rows never decides:

(1) both files are TOML in the format of `rows`: an unknown key or word is refused;
(2) no id stands twice, in either file;
(3) each table is proved by trying every combination of its facts: no gap, no overlap;
(4) rows that rest on each other fit: what is built has a basis or a condition, what is not built has none.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from itertools import chain
from typing import Protocol, TypeVar, final

from pydantic import BaseModel, ValidationError

from broker.errors import InvariantError, UsageError
from broker.gate.rows import (
    BaseRow,
    BaseWhen,
    BasisRow,
    BasisWhen,
    LawFile,
    OverlayRow,
    OverlayWhen,
    PersonRow,
    PersonWhen,
    Point,
    ProtocolFile,
    ProtocolRow,
    ProtocolWhen,
    RagRow,
    RagWhen,
    Row,
    SectorRow,
    SectorWhen,
    When,
)
from broker.gate.words import Body, Duty, Judged, RowState
from schemas.scalars import Ref
from schemas.vocabulary import DataClass, EvidenceWord, PersonRole, Purpose, RatingBand, Regime, Sector

LAW, PROTOCOL = "law.toml", "protocol.toml"

_VERSION_CHARACTERS = 64


class _Conditional(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def when(self) -> When: ...


_R = TypeVar("_R", bound=_Conditional)
_F = TypeVar("_F", bound=BaseModel)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Both layers, proved. `version` and `hash` stand in every decision that was made by them.

    `hash` is SHA-256(u32be length ‖ law.toml ‖ u32be length ‖ protocol.toml), exact bytes: a comment counts.
    """

    version: str
    hash: bytes
    law: LawFile
    local: ProtocolFile

    def duty(self, now: datetime) -> Duty:
        """Say whether the duty of s.16LA is in force (ref 2.2)."""
        return Duty.ON if now >= self.local.duty_16la_from else Duty.OFF

    def rag(self, rag: RatingBand) -> RagRow:
        """Return the row of this priority."""
        return _only(self.local.rag, {"rag": rag})

    def protocol(self, point: Point) -> ProtocolRow:
        """Return the local rule for (purpose, rag, agreement, override, duty)."""
        return _only(self.local.protocol, point)

    def sector(self, sector: Sector, duty: Duty) -> SectorRow:
        """Return the row of this kind of holder."""
        return _only(self.law.sector, {"sector": sector, "duty": duty})

    def base(self, purpose: Purpose) -> BaseRow:
        """Return the row of this purpose."""
        return _only(self.law.base, {"purpose": purpose})

    def basis(self, base: BaseRow, duty: Duty, body: Body, judged: Judged) -> BasisRow:
        """Return Article 6 and gateways of a base row that is built."""
        return _only(base.basis, {"duty": duty, "body": body, "judged": judged})

    def overlay(self, data_class: DataClass, regime: Regime) -> OverlayRow:
        """Return the row of this data class under this regime."""
        return _only(self.law.overlay, {"data_class": data_class, "regime": regime})

    def person(self, role: PersonRole) -> PersonRow:
        """Return the row of this role of a person asked about."""
        return _only(self.law.person, {"role": role})


def load_tables(*, law: bytes, protocol: bytes, called: str = PROTOCOL) -> Tables:
    """Load and prove the tables. `called` is what messages call the protocol's file.

    Raises: UsageError with the file, the row and the reason.
    """
    law_file, local_file = _parse(LAW, law, LawFile), _parse(called, protocol, ProtocolFile)  # (1)
    _prove_ids(law_file, local_file, called)  # (2)
    _prove_domains(law_file, local_file, called)  # (3)
    _prove_fit(law_file)  # (4)
    return Tables(
        version=_version(law_file.version, local_file.version, called),
        hash=hashlib.sha256(_with_length(law) + _with_length(protocol)).digest(),
        law=law_file,
        local=local_file,
    )


def packaged_law() -> bytes:
    """Return the law layer of this installation. There is no packaged protocol: a partnership brings its own."""
    return (resources.files("broker.gate") / LAW).read_bytes()


def _only(rows: Sequence[_R], point: Point) -> _R:
    for row in rows:
        if row.when.holds(point):
            return row
    # Loading proved that there is one. Going on without would be an answer on no ground at all.
    raise InvariantError("no row of a proved table matches")


def _with_length(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _version(law: Ref, local: Ref, called: str) -> str:
    version = f"{law}/{local}"
    if len(version) > _VERSION_CHARACTERS:
        most = _VERSION_CHARACTERS - 1
        raise UsageError(f"{called}: version: together with that of {LAW} it is longer than {most}")
    return version


# ---------------------------------------------------------------- (1) the format


def _parse(name: str, content: bytes, model: type[_F]) -> _F:
    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{name}: not TOML: {error}") from error
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = _where(raw, first["loc"])
        word = f" ({first['input']})" if isinstance(first["input"], str) else ""
        raise UsageError(f"{name}: {where}: {first['msg']}{word}") from error


def _where(raw: object, loc: tuple[int | str, ...]) -> str:
    """Name a place by the ids of the rows on the way to it; the number of a row without one."""
    names: list[str] = []
    for step in loc:
        raw = _inside(raw, step)
        row = raw.get("id", step) if isinstance(raw, dict) else step
        names.append(str(row))
    return " ".join(names) or "file"


def _inside(raw: object, step: int | str) -> object:
    if isinstance(raw, dict):
        return raw.get(step)
    if isinstance(raw, list) and isinstance(step, int):
        return raw[step]
    return None


# ---------------------------------------------------------------- (2) to (4) the proofs


def _rows(law: LawFile, local: ProtocolFile, called: str) -> Iterator[tuple[str, Row]]:
    bases = (row for base in law.base for row in base.basis)
    conditions = (row for overlay in law.overlay for row in overlay.condition)
    of_law: Iterator[Row] = chain(law.sector, law.base, bases, law.overlay, conditions, law.person)
    of_local: Iterator[Row] = chain(local.rag, local.protocol)
    yield from ((LAW, row) for row in of_law)
    yield from ((called, row) for row in of_local)


def _prove_ids(law: LawFile, local: ProtocolFile, called: str) -> None:
    seen: set[str] = set()
    for name, row in _rows(law, local, called):
        if row.id in seen:
            raise UsageError(f"{name}: {row.id}: this id stands twice")
        seen.add(row.id)


def _prove_domains(law: LawFile, local: ProtocolFile, called: str) -> None:
    _prove(f"{called}: rag", local.rag, RagWhen)
    _prove(f"{called}: protocol", local.protocol, ProtocolWhen)
    _prove(f"{LAW}: sector", law.sector, SectorWhen)
    _prove(f"{LAW}: base", law.base, BaseWhen)
    _prove(f"{LAW}: overlay", law.overlay, OverlayWhen)
    _prove(f"{LAW}: person", law.person, PersonWhen)
    for base in law.base:
        if base.state is RowState.BUILT:
            _prove(f"{LAW}: {base.id} basis", base.basis, BasisWhen)


def _prove(table: str, rows: Sequence[_Conditional], when: type[When]) -> None:
    """Try every combination of facts. Raises: UsageError with the first that meets no row, or two."""
    for point in when.domain():
        matching = [row.id for row in rows if row.when.holds(point)]
        if len(matching) != 1:
            facts = " ".join(f"{fact}={word.value}" for fact, word in point.items())
            fault = f"rows {' and '.join(matching)} both match" if matching else "no row matches"
            raise UsageError(f"{table}: {fault} {facts}")


def _prove_fit(law: LawFile) -> None:
    for base in law.base:
        if base.state is not RowState.BUILT and (base.basis or base.evidence or base.obligations):
            raise UsageError(f"{LAW}: {base.id}: a row that is not built has no basis, evidence or obligations")
    for overlay in law.overlay:
        _prove_overlay(overlay)
    overlays = {row.id: row for row in law.overlay}
    for person in law.person:
        if person.evidence and person.overlay is None:
            raise UsageError(f"{LAW}: {person.id}: evidence is wanted by an overlay row, and none is named")
        if person.overlay is not None and person.overlay not in overlays:
            raise UsageError(f"{LAW}: {person.id}: unknown overlay row {person.overlay}")


def _prove_overlay(overlay: OverlayRow) -> None:
    if overlay.state is not RowState.BUILT:
        if overlay.condition or overlay.obligations:
            raise UsageError(f"{LAW}: {overlay.id}: a row that is not built has no condition or obligations")
        return
    if not overlay.condition:
        raise UsageError(f"{LAW}: {overlay.id}: a row that is built needs a condition")
    in_confidence = DataClass.CONFIDENTIAL_HEALTH in overlay.when.data_class
    for condition in overlay.condition:
        shown = {limb.evidence for limb in condition.limbs}
        if in_confidence and EvidenceWord.CONFIDENTIALITY_LIMB not in shown:
            raise UsageError(f"{LAW}: {condition.id}: CONFIDENTIAL_HEALTH needs the limb CONFIDENTIALITY_LIMB")
    if overlay.condition[-1].when.model_fields_set:
        raise UsageError(f"{LAW}: {overlay.condition[-1].id}: the last condition is for every holder")
