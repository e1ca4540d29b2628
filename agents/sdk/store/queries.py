"""Finding records and the people they are of, inside one transaction of the record store.

Promise: a search follows only indexed keys, so it takes as long among a million people as among ten; every record
that shares a link key with one found is fetched before anybody is put together; and whoever ref 7.2 calls a candidate
stands before those who only resemble.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from agents.sdk.mapping.results import FileRead, Subject
from agents.sdk.store.linkage import Linkable, as_one, link
from agents.sdk.store.schema import births_from_text, pair_keys, run_among, subject_from_text
from broker.errors import UnavailableError
from broker.holder.name_matching import family_keys, given_keys, shares_one_name
from broker.holder.resemblance import birth_keys_sought, near_keys_sought, resembles
from broker.holder.source import Candidate, IdentifierHeld, PersonSought
from broker.ports import Transaction
from schemas.identifiers import check

Person = tuple[Linkable, ...]

MOST_SEEDS: Final = 1000
"""Records that one kind of key may find before a search is given up to a person."""

MOST_LINKED: Final = 5000
"""Records that may hold together before a look-up is given up to a person: no child has so many."""

_BY_LINK: Final = "SELECT DISTINCT record_id FROM links WHERE link_key IN (:values) LIMIT 1001"
_BY_SEARCH: Final = "SELECT DISTINCT record_id FROM searches WHERE search_key IN (:values) LIMIT 1001"
_LINKED: Final = (
    "SELECT DISTINCT b.record_id FROM links a JOIN links b ON b.link_key = a.link_key WHERE a.record_id IN (:values)"
)
_SUBJECTS: Final = "SELECT record_id, subject FROM records WHERE record_id IN (:values)"
_SUBJECTS_BY_LINK: Final = (
    "SELECT links.link_key, records.subject FROM links JOIN records ON records.record_id = links.record_id "
    "WHERE links.link_key IN (:values)"
)
_FIRST_KEY: Final = "SELECT MIN(record_key) FROM records WHERE record_id IN (:values)"


def seeds_of(transaction: Transaction, person: PersonSought) -> tuple[tuple[int, ...], bool]:
    """Find records by identifier, then date of birth and a name, then both names, then those that resemble.

    Say whether one of the first three was too many: whoever only resembles stands behind, and hides nobody.
    """
    given, family = given_keys(person.name), family_keys(person.name)
    checked = [check(held.scheme, held.value) for held in person.identifiers]
    numbered = _under(transaction, _BY_LINK, [f"{one.scheme}:{one.value}" for one in checked if one.valid])
    named = _under(transaction, _BY_SEARCH, sorted({*pair_keys(given, family), *pair_keys(family, given)}))
    dated = _under(transaction, _BY_SEARCH, sorted(birth_keys_sought(person)))
    near = _under(transaction, _BY_SEARCH, sorted(near_keys_sought(person)))
    found = dict.fromkeys((*numbered, *named))
    others = [number for number in dict.fromkeys((*dated, *near)) if number not in found]
    subjects = {int(row[0]): subject_from_text(row[1]) for row in run_among(transaction, _SUBJECTS, others)}
    born = [number for number in others if _is_born_and_named(person, subjects[number])]
    alike = [number for number in others if resembles(person, subjects[number])]
    overflow = any(len(rows) > MOST_SEEDS for rows in (numbered, named, dated))
    return tuple(dict.fromkeys((*numbered, *born, *named, *alike))), overflow


def _under(transaction: Transaction, sql: str, keys: Sequence[str]) -> list[int]:
    return [int(row[0]) for row in run_among(transaction, sql, keys)]


def _is_born_and_named(person: PersonSought, subject: Subject) -> bool:
    """Return whether a record that sounds alike really has a date of birth and a name in common (ref 7.2)."""
    born = not person.days_of_birth.isdisjoint(subject.dates_of_birth)
    return born and any(shares_one_name(person.name, name) for name in subject.names)


def people_with(transaction: Transaction, seeds: Sequence[int]) -> tuple[Person, ...]:
    """Fetch all that is linked to the seeds, over as many links as it takes, and put each person together."""
    known = dict.fromkeys(seeds)
    frontier = list(known)
    while frontier:
        linked = [int(row[0]) for row in run_among(transaction, _LINKED, frontier)]
        frontier = [number for number in dict.fromkeys(linked) if number not in known]
        known.update(dict.fromkeys(frontier))
        if len(known) > MOST_LINKED + len(seeds):
            raise UnavailableError("too many records hold together to look at them all")
    return link(
        [
            Linkable(number=int(number), subject=subject_from_text(text))
            for number, text in run_among(transaction, _SUBJECTS, list(known))
        ]
    )


def conflicting_births(transaction: Transaction, read: FileRead) -> tuple[str, ...]:
    """Return the places of a file's records that share a number with a record of another date of birth."""
    dated = [record for record in read.records if record.subject.dates_of_birth and record.subject.identifiers]
    numbers = [_numbers_of(record.subject.identifiers) for record in dated]
    keys = sorted({key for held in numbers for key in held})
    days: dict[str, set[str]] = {}
    for key, text in run_among(transaction, _SUBJECTS_BY_LINK, keys):
        days.setdefault(key, set()).update(births_from_text(text))
    return tuple(
        record.at
        for record, held in zip(dated, numbers, strict=True)
        if any(days.get(key, set()).difference(map(date.isoformat, record.subject.dates_of_birth)) for key in held)
    )


def _numbers_of(identifiers: Sequence[IdentifierHeld]) -> frozenset[str]:
    return frozenset(f"{held.scheme}:{held.value}" for held in identifiers)


def restricted_numbers(people: Sequence[Person]) -> frozenset[str]:
    """Return every number of somebody restricted: whoever else is held under it is restricted too.

    Records that contradict one another are kept apart, and what is wrong may be the record that is open.
    """
    subjects = (record.subject for person in people for record in person if record.subject.restricted)
    return frozenset(number for subject in subjects for number in _numbers_of(subject.identifiers))


def candidate(transaction: Transaction, person: Person, *, restricted: frozenset[str]) -> Candidate:
    """Put together what all records of one person say of them. Its id is the first of its records' lasting ids."""
    numbers = [record.number for record in person]
    subjects = [record.subject for record in person]
    one = as_one(subjects)
    return Candidate(
        record_id=min(str(row[0]) for row in run_among(transaction, _FIRST_KEY, numbers)),
        names=one.names,
        dates_of_birth=one.dates_of_birth,
        sexes=one.sexes,
        postcodes=one.postcodes,
        identifiers=one.identifiers,
        restricted=one.restricted or bool(restricted & _numbers_of(one.identifiers)),
        partial_births=one.partial_births,
        multiple_birth=one.multiple_birth,
    )
