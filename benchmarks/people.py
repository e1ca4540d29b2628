"""What the benchmarks of identification share: NHS numbers of the invented range, and a record store in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.sdk.mapping.results import FileRead, RecordRead, RecordVersion, Subject, Withdrawn
from agents.sdk.store.intake import Intake
from agents.sdk.store.records import STORE_SCHEMA, RecordStore
from broker.adapters.sql import SqlDatabase
from broker.holder.source import Holding, IdentifierHeld, NameHeld, PersonSought
from schemas.vocabulary import Birth, DataClass, IdentifierScheme, ItemKind, Onward, PersonRole

UNVERSIONED = RecordVersion()
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def number_of(index: int) -> str:
    """Return the next NHS number of the reserved range with a right check digit."""
    while True:
        digits = f"999{index:06d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return digits + str(check % 11)
        index += 500_000


def nhs(number: str | None) -> tuple[IdentifierHeld, ...]:
    return (IdentifierHeld(scheme=IdentifierScheme.NHS, value=number),) if number else ()


def name_of(given: str, family: str) -> NameHeld:
    return NameHeld(given_names=tuple(given.split()), family_name=family or None)


def ask(given: str, family: str, born: date | None, postcode: str | None, number: str | None) -> PersonSought:
    """Ask about somebody as a request does."""
    return PersonSought(
        ref="p1",
        roles=(PersonRole.SUBJECT_CHILD,),
        name=name_of(given, family),
        date_of_birth=born,
        birth=Birth.EXACT if born else Birth.UNKNOWN,
        sex=None,
        postcodes=(postcode,) if postcode else (),
        identifiers=nhs(number),
    )


def subject(
    *,
    given: str = "",
    family: str = "",
    born: date | None = None,
    postcode: str | None = None,
    number: str | None = None,
    key: str | None = None,
    other_keys: tuple[str, ...] = (),
    restricted: bool = False,
) -> Subject:
    """Say whom a record is about, with as much as it states."""
    return Subject(
        names=(name_of(given, family),) if given or family else (),
        dates_of_birth=(born,) if born else (),
        sexes=(),
        postcodes=(postcode.replace(" ", ""),) if postcode else (),
        identifiers=nhs(number),
        custodian_key=key,
        restricted=restricted,
        other_keys=other_keys,
    )


def record(
    system: str, reference: str, about: Subject, *texts: str, version: RecordVersion = UNVERSIONED
) -> RecordRead:
    """Make one record of a system that holds these texts."""
    return RecordRead(
        at=f"/{reference}",
        key=(system, system, reference),
        subject=about,
        items=tuple(_item(system, text) for text in texts),
        ignored=(),
        version=version,
    )


def _item(system: str, text: str) -> Holding:
    return Holding(
        field="made",
        type="MADE",
        data_class=DataClass.ORDINARY,
        kind=ItemKind.FACT_RECORDED,
        date=None,
        precision=None,
        text=text,
        source=system,
        source_ref="made",
        recorded_at=None,
        flagged=False,
        third_party=False,
        location=False,
        statutory_bar=False,
        dsar_hint=None,
        onward=Onward.MASH_ONLY,
        concerns=None,
    )


_FILES = count()


def take_in(
    store: RecordStore, source: str, records: Sequence[RecordRead], withdrawn: Sequence[Withdrawn] = ()
) -> None:
    """Import records as one file of a source."""
    read = FileRead(
        format="invented", records=tuple(records), rejected=(), flagged=(), ignored=(), withdrawn=tuple(withdrawn)
    )
    digest = f"{source}/{next(_FILES)}"
    store.replace(read, Intake(digest=digest, place=digest, imported_at=NOW, named=source))


@contextmanager
def record_store() -> Iterator[RecordStore]:
    """Open an empty record store that is gone afterwards."""
    with TemporaryDirectory() as folder:
        database = SqlDatabase.open(Path(folder) / "records.sqlite", schema=STORE_SCHEMA)
        try:
            yield RecordStore(database)
        finally:
            database.close()
