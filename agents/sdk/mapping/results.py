"""Results of reading a file: people, items, and complaints. A complaint is a place and a word, never a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import final

from broker.holder.source import Holding, IdentifierHeld, NameHeld
from schemas.vocabulary import Sex

Json = str | int | bool | Decimal | None | list["Json"] | dict[str, "Json"]
"""A parsed document. Numbers are `int` or `Decimal`, never `float`."""

JsonObject = dict[str, Json]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Something that was not imported: where (JSON Pointer, "" for the whole file) and why."""

    at: str
    reason: str
    understood: bool = False
    """It was read, and is rightly left out: entered in error, refuted, deleted. Then it is no gap in an answer."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """Something that was imported, but is not what it should be: where and why."""

    at: str
    reason: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredField:
    """A field outside the records that nothing reads: its pointer, with `*` for every index."""

    pattern: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that the source holds or says is missing, and that did not reach this store: where, and a word.

    It stands in every answer from this source until the source is imported without it.
    """

    at: str
    reason: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A record of a type that no row reads: counted, and neither rejected nor a gap."""

    record_type: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVersion:
    """How new a record says it is: `updated` decides where both have it, then `number`; neither is older than any."""

    updated: datetime | None = None
    number: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A record that its owner deletes or no longer stands by: what is held under its key goes. `reason` is a word."""

    at: str
    key: tuple[str, str, str] = field(repr=False)
    reason: str
    version: RecordVersion = RecordVersion()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The person that one record says it is about.

    `custodian_key` is the record owner's own key for the person where that is no valid identifier: it holds that
    owner's records of one person together, and no request is ever matched on it.
    """

    names: tuple[NameHeld, ...] = field(repr=False)
    dates_of_birth: tuple[date, ...] = field(repr=False)
    sexes: tuple[Sex, ...] = field(repr=False)
    postcodes: tuple[str, ...] = field(repr=False)
    identifiers: tuple[IdentifierHeld, ...] = field(repr=False)
    custodian_key: str | None = field(repr=False)
    restricted: bool
    partial_births: tuple[str, ...] = field(default=(), repr=False)
    """Dates of birth that are not known to the day, as `2008` or `2008-03`."""

    multiple_birth: bool = False
    """The record says that the person is one of twins or more."""

    other_keys: tuple[str, ...] = field(default=(), repr=False)
    """The owner's own further keys of the same person: a merge that the owner's system states."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFound:
    """One record as a format finds it, unread. `custodian`, `system` and `reference` are whose it is and which."""

    at: str
    pattern: str
    record_type: str
    custodian: str
    system: str
    reference: str = field(repr=False)
    person_id: str | None = field(repr=False)
    payload: JsonObject = field(repr=False)
    payload_at: str
    person_key: str | None = field(default=None, repr=False)
    """Its owner's key for the person, already told apart from every other owner's; never an identifier."""

    unverified: bool = False
    """The record says of its own identifiers that they are not verified, whatever the operator vouches for."""

    other_person_keys: tuple[str, ...] = field(default=(), repr=False)
    """Keys of the same owner that its system says are this person too."""

    version: RecordVersion = RecordVersion()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRead:
    """One record in our words: which it is, who it is about, what it holds, and what was passed over."""

    at: str
    key: tuple[str, str, str] = field(repr=False)
    subject: Subject = field(repr=False)
    items: tuple[Holding, ...] = field(repr=False)
    ignored: tuple[tuple[str, int], ...]
    version: RecordVersion = RecordVersion()

    @property
    def system(self) -> str:
        """The case system that the record comes from."""
        return self.key[1]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """One file, read; `ignored` counts what stood outside the records."""

    format: str
    records: tuple[RecordRead, ...] = field(repr=False)
    rejected: tuple[Rejected, ...]
    flagged: tuple[Flagged, ...]
    ignored: tuple[tuple[str, int], ...]
    withdrawn: tuple[Withdrawn, ...] = ()
    gaps: tuple[Gap, ...] = ()
    passed_over: tuple[tuple[str, int], ...] = ()
    extracted_at: datetime | None = None
    """When the extract was made, as the file says; None where it does not."""
