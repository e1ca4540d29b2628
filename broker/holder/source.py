"""What an organisation's case system must offer: find people, look one up. Nothing here decides anything.

`find` returns candidates, never an answer; whether one of them *is* the person is for `identify` alone. `look_up`
returns everything the release table knows how to read; what of it may leave is for `minimise` alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol, final

from broker.errors import UnavailableError
from broker.ports import Database
from schemas.vocabulary import (
    Birth,
    DataClass,
    DsarHint,
    IdentifierScheme,
    ItemKind,
    Onward,
    PersonRole,
    Precision,
    Relation,
    Sector,
    Sex,
)

ESTIMATED_WITHIN_YEARS = 2
"""How far from an estimated year of birth somebody is still looked for; whoever is found is for a person to look at."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NameHeld:
    """One name of a person as some record has it; either half may be missing."""

    given_names: tuple[str, ...] = field(repr=False)
    family_name: str | None = field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierHeld:
    """An identifier with a right check digit. `verified`: assigned by a matching service (ref 7.2 rule 1)."""

    scheme: IdentifierScheme
    value: str = field(repr=False)
    verified: bool = False


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSought:
    """Somebody a request asks about, reduced to what matching may use. Invalid identifiers are already left out."""

    ref: str
    roles: tuple[PersonRole, ...]
    name: NameHeld = field(repr=False)
    date_of_birth: date | None = field(repr=False)
    birth: Birth = Birth.EXACT
    sex: Sex | None
    postcodes: tuple[str, ...] = field(repr=False)
    identifiers: tuple[IdentifierHeld, ...] = field(repr=False)
    relation: Relation | None = None
    """To the child whom the request is about; None for that child."""

    @property
    def is_subject(self) -> bool:
        """Whether this is the child whom the request is about."""
        return PersonRole.SUBJECT_CHILD in self.roles

    @property
    def days_of_birth(self) -> frozenset[date]:
        """Return every day on which this person may have been born; none where nothing is known of it."""
        if self.date_of_birth is None:
            return frozenset()
        if self.birth is Birth.EXACT:
            return frozenset({self.date_of_birth})
        about = 0 if self.birth is Birth.YEAR else ESTIMATED_WITHIN_YEARS
        year = self.date_of_birth.year
        first = date(max(year - about, date.min.year), 1, 1)
        last = date(min(year + about, date.max.year), 12, 31)
        return frozenset(first + timedelta(days=days) for days in range((last - first).days + 1))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One person in the organisation's records who might be the one sought. Several names are aliases."""

    record_id: str
    names: tuple[NameHeld, ...] = field(repr=False)
    dates_of_birth: tuple[date, ...] = field(repr=False)
    sexes: tuple[Sex, ...] = field(repr=False)
    postcodes: tuple[str, ...] = field(repr=False)
    identifiers: tuple[IdentifierHeld, ...] = field(repr=False)
    restricted: bool
    partial_births: tuple[str, ...] = field(default=(), repr=False)
    """Dates of birth that are not known to the day, as `2008` or `2008-03`."""

    multiple_birth: bool = False
    """Some record says that the person is one of twins or more."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One thing held about one person, already in our words; `field` is where it stood, for the account.

    `concerns` names the other person it is about, if any: such an item leaves only for people named in the request
    (D5).
    """

    field: str
    type: str
    data_class: DataClass
    kind: ItemKind
    date: date | None
    precision: Precision | None
    text: str = dataclasses.field(repr=False)
    source: str
    source_ref: str = dataclasses.field(repr=False)
    recorded_at: datetime | None
    flagged: bool
    third_party: bool
    location: bool
    statutory_bar: bool
    dsar_hint: DsarHint | None
    onward: Onward
    concerns: NameHeld | None = dataclasses.field(repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """All that is held about one person, how fresh it is, and what was and was not searched."""

    items: tuple[Holding, ...] = field(repr=False)
    data_as_at: datetime | None
    systems_searched: tuple[str, ...]
    gaps: str
    ignored_fields: tuple[tuple[str, int], ...]


@final
class NothingToSearch(UnavailableError):
    """No source can be searched, and nothing is there to be waited for: somebody must import. `reason` is a word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class SourceState(StrEnum):
    """How one source of an organisation's records is."""

    HELD = "HELD"
    GAPS = "GAPS"
    """Something of it could not be read, or did not come."""

    TOO_OLD = "TOO_OLD"
    LOST = "LOST"
    """It was imported, and is in the store no more."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCondition:
    """How all sources are: how many in each state, since when the oldest, and why nothing can be searched if so."""

    reason: str | None
    states: Mapping[SourceState, int]
    as_at: datetime | None


class RecordSource(Protocol):
    """The records of one organisation. Each call is awaited with a deadline (2 s), and may raise NothingToSearch."""

    async def find(self, person: PersonSought) -> tuple[Candidate, ...]:
        """Return everybody who shares a valid identifier, both names, or the date of birth and one name.

        Behind them may stand those who only resemble (see `resemblance`): nobody in front is left out for them.
        Raises: UnavailableError when the records cannot be searched.
        """
        ...

    async def look_up(self, record_id: str) -> Holdings:
        """Return what is held about one candidate. Raises: UnavailableError, InvariantError when it is gone."""
        ...

    async def coverage(self) -> Holdings:
        """Return what a search covers when nobody was found: systems, freshness and gaps, and no items."""
        ...

    async def condition(self) -> SourceCondition:
        """Return how the sources are, for those who look after them. Raises: UnavailableError."""
        ...


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTerms:
    """What a record source is told beside its store.

    `register` is another database of the organisation, which knows what the store was; `within` how old the records of
    a source may be, `*` standing for every other.
    """

    register: Database
    within: Mapping[str, timedelta]
    now: Callable[[], datetime]


class Agent(Protocol):
    """A sector's plug, found by the entry point `mash.agents`."""

    @property
    def sector(self) -> Sector:
        """Which organisations this agent can serve."""
        ...

    @property
    def schemes(self) -> tuple[IdentifierScheme, ...]:
        """The identifiers this sector uses; the hub sends it no others (blueprint section 6)."""
        ...

    @property
    def data_classes(self) -> frozenset[DataClass]:
        """The data classes its release table has; others are not applicable to it, rather than dropped."""
        ...

    @property
    def store_schema(self) -> tuple[str, ...]:
        """The SQL that makes its record store."""
        ...

    @property
    def register_schema(self) -> tuple[str, ...]:
        """The SQL of what is known of that store from elsewhere."""
        ...

    def source(self, store: Database, terms: SourceTerms) -> RecordSource:
        """Open the record source over the organisation's own store."""
        ...

    def examples(self) -> tuple[Path, ...]:
        """Invented record files in the sector's real formats, for the demo and the documentation."""
        ...
