"""Hand-made records: what a format would have read, for tests of what the store makes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from agents.sdk.mapping.results import FileRead, Gap, RecordRead, RecordVersion, Rejected, Subject, Withdrawn
from agents.sdk.store.intake import Intake, Whole
from broker.holder.source import Holding, IdentifierHeld, NameHeld
from schemas.vocabulary import DataClass, IdentifierScheme, ItemKind, Onward

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
BORN = date(2014, 3, 4)


def about(
    given="Robin", family="Testerton", born=BORN, nhs=None, postcode=None, key=None, *, also=(), restricted=False
):
    """Say whom a record is about; None leaves a part out."""
    names = (NameHeld(given_names=(given,) if given else (), family_name=family),) if given or family else ()
    held = (IdentifierHeld(scheme=IdentifierScheme.NHS, value=nhs),) if nhs else ()
    return Subject(
        names=names,
        dates_of_birth=(born,) if born else (),
        sexes=(),
        postcodes=(postcode,) if postcode else (),
        identifiers=held,
        custodian_key=key,
        restricted=False,
        other_keys=also,
    )


def bare(key):
    """Say whom a record is about by its owner's key alone."""
    return about(None, None, None, key=key)


def item(text):
    """Make something that is held."""
    return Holding(
        field="made",
        type="MADE",
        data_class=DataClass.ORDINARY,
        kind=ItemKind.FACT_RECORDED,
        date=None,
        precision=None,
        text=text,
        source="made",
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


def record(reference, subject, *texts, system="https://one.example", updated=None, number=None):
    """Make a record as a format reads it; its system is a server unless said otherwise."""
    owner = system if "://" in system else "OWNER"
    return RecordRead(
        at=f"/{reference}",
        key=(owner, system, reference),
        subject=subject,
        items=tuple(item(text) for text in texts),
        ignored=(),
        version=RecordVersion(updated=updated, number=number),
    )


def withdrawal(reference, *, system="https://one.example", updated=None, number=None):
    """Make what a format says of a record that its owner no longer stands by."""
    owner = system if "://" in system else "OWNER"
    version = RecordVersion(updated=updated, number=number)
    return Withdrawn(at=f"/{reference}", key=(owner, system, reference), reason="ENTERED_IN_ERROR", version=version)


def read(*found, rejected=0, gaps=(), extracted_at=None):
    """Make a file of records and withdrawals as a format reads it."""
    return FileRead(
        format="made",
        records=tuple(one for one in found if isinstance(one, RecordRead)),
        rejected=tuple(Rejected(at=f"/{place}", reason="WRONG_SHAPE") for place in range(rejected)),
        flagged=(),
        ignored=(),
        withdrawn=tuple(one for one in found if isinstance(one, Withdrawn)),
        gaps=tuple(Gap(at="", reason=reason) for reason in gaps),
        extracted_at=extracted_at,
    )


def intake(digest, *, named=None, at=NOW, whole=None):
    """Say what file it is that comes in: by its digest, which is its place too."""
    return Intake(digest=digest, place=f"place of {digest}", imported_at=at, named=named, whole=whole)


def all_of(content, coming):
    """Say of a file that it is all that its sources hold."""
    keys = frozenset(coming.base_key(one.key) for one in content.records)
    return Whole(keys=keys, sources=frozenset(coming.source_of(one.key) for one in content.records))


def texts_of(database):
    """Return everything that the store holds, in words."""
    with database.snapshot() as transaction:
        return sorted(row[0] for row in transaction.execute("SELECT text FROM items"))
