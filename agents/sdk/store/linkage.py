"""Which records are of one person: pure, and the same in whatever order the records came.

Promise: (1) an owner's own key for a person is a fact: all records under it, and under the keys that the owner's system
says are the same person's, are one person before anybody is compared; (2) after that, people are held together only by
a valid number, or by the same full names and date of birth with a postcode in common, and never where something
contradicts: another date of birth, another name and, sharing no number, another number, sex or key of one owner;
(3) who fits two people that contradict one another is given to neither, and the rule of `identify` is then unsure, as
it should be; (4) a number that a crowd holds, such as a stand-in for "not known", joins nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, final

from agents.sdk.mapping.results import Subject
from broker.holder.name_matching import best_likeness, full_name_key, is_placeholder_date
from schemas.vocabulary import IdentifierScheme, Sex


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Linkable:
    """One record, by its number in the store or the file, and who it says it is about."""

    number: int
    subject: Subject = field(repr=False)


People = tuple[tuple[Linkable, ...], ...]

MOST_ALIKE: Final = 64
"""People whose records are compared with one another: nobody is held by so many owners, or under so many keys."""


def link_keys(subject: Subject) -> frozenset[str]:
    """Every key that holds this record together with others of the same person."""
    return owner_keys(subject) | _shared_keys(subject)


def owner_keys(subject: Subject) -> frozenset[str]:
    """The keys under which the record's owner keeps this person."""
    return frozenset(f"key:{key}" for key in (subject.custodian_key, *subject.other_keys) if key is not None)


def _shared_keys(subject: Subject) -> frozenset[str]:
    """What two owners may both hold: a number, or the full names, the date of birth and a postcode."""
    numbers = (f"{held.scheme}:{held.value}" for held in subject.identifiers)
    if not (subject.names and subject.dates_of_birth and subject.postcodes):
        return frozenset(numbers)
    names = {full_name_key(name) for name in subject.names} - {None}
    days = [day for day in subject.dates_of_birth if not is_placeholder_date(day)]
    homes = (f"born:{name}|{day}|{code}" for name in names for day in days for code in subject.postcodes)
    return frozenset((*homes, *numbers))


def link(records: Sequence[Linkable]) -> People:
    """Put the records of each person together. All records that share a key with one given must be given."""
    keys = [link_keys(record.subject) for record in records]
    people: list[tuple[Linkable, ...]] = []
    for together in _connected(keys):
        if len(together) == 1:
            people.append((records[together[0]],))
            continue
        saying: dict[Subject, list[int]] = {}
        for place in together:
            saying.setdefault(records[place].subject, []).append(place)
        for alike in _people_among(list(saying)):
            places = sorted(place for subject in alike for place in saying[subject])
            people.append(tuple(records[place] for place in places))
    return tuple(people)


def _connected(marks: Sequence[frozenset[str]]) -> Iterator[tuple[int, ...]]:
    """Yield the places whose marks connect them, directly or over others."""
    if not any(marks):
        return ((place,) for place in range(len(marks)))
    first: dict[str, int] = {}
    edges = ((first.setdefault(mark, place), place) for place, held in enumerate(marks) for mark in held)
    return _joined(len(marks), edges)


def _joined(size: int, edges: Iterator[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    parents = list(range(size))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = place = parents[parents[place]]
        return place

    for one, other in edges:
        a, b = root(one), root(other)
        parents[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = {}
    for place in range(size):
        groups.setdefault(root(place), []).append(place)
    return (tuple(group) for group in groups.values())


def _people_among(subjects: Sequence[Subject]) -> Iterator[frozenset[Subject]]:
    owned = list(_connected([owner_keys(subject) for subject in subjects]))  # (1)
    if len(owned) == 1:
        yield frozenset(subjects)
        return
    if len(owned) > MOST_ALIKE:  # (4)
        yield from (frozenset(subjects[place] for place in places) for places in owned)
        return
    persons = [as_one([subjects[place] for place in places]) for places in owned]
    for group in _alike(persons):
        yield frozenset(subjects[place] for one in group for place in owned[one])


def _alike(persons: Sequence[Subject]) -> Iterator[tuple[int, ...]]:
    """(2) Persons who share a key and agree, split where they contradict one another."""
    shared = [_shared_keys(person) for person in persons]
    pairs = list(combinations(range(len(persons)), 2))
    apart = {(one, other) for one, other in pairs if not agree(persons[one], persons[other])}
    edges = [pair for pair in pairs if pair not in apart and not shared[pair[0]].isdisjoint(shared[pair[1]])]
    if not apart:
        yield from _joined(len(persons), iter(edges))
        return
    for group in _joined(len(persons), iter(edges)):
        within = set(group)
        contradicted = {
            one: frozenset(other for other in within if (min(one, other), max(one, other)) in apart) for one in group
        }
        # (3) Only those who contradict the same people stay together: whoever fits both of two stays alone.
        inside = ((a, b) for a, b in edges if a in within and contradicted[a] == contradicted[b])
        yield from (part for part in _joined(len(persons), inside) if part[0] in within)


def as_one(subjects: Sequence[Subject]) -> Subject:
    """Put together what several records of one person say of them."""
    if len(subjects) == 1:
        return subjects[0]
    return Subject(
        names=tuple(dict.fromkeys(name for one in subjects for name in one.names)),
        dates_of_birth=tuple(dict.fromkeys(day for one in subjects for day in one.dates_of_birth)),
        sexes=tuple(dict.fromkeys(sex for one in subjects for sex in one.sexes)),
        postcodes=tuple(dict.fromkeys(code for one in subjects for code in one.postcodes)),
        identifiers=tuple(dict.fromkeys(held for one in subjects for held in one.identifiers)),
        custodian_key=next((one.custodian_key for one in subjects if one.custodian_key is not None), None),
        restricted=any(one.restricted for one in subjects),
        partial_births=tuple(dict.fromkeys(birth for one in subjects for birth in one.partial_births)),
        multiple_birth=any(one.multiple_birth for one in subjects),
        other_keys=tuple(dict.fromkeys(key for one in subjects for key in _keys(one))),
    )


def agree(ours: Subject, theirs: Subject) -> bool:
    """Return whether nothing tells two subjects apart: no date, no name and, sharing no number, nothing else."""
    if ours == theirs:
        return True  # the same words about the same person, even where a name is so short that it fits nothing
    days, other_days = set(ours.dates_of_birth), set(theirs.dates_of_birth)
    if days and other_days and not days & other_days:
        return False
    named = bool(ours.names and theirs.names)
    if named and all(best_likeness(name, theirs.names).contradicts for name in ours.names):
        return False
    return bool(_numbers(ours) & _numbers(theirs)) or not _told_apart(ours, theirs)


def is_another(ours: Subject, theirs: Subject) -> bool:
    """Return whether two writings of one record are about different people, rather than one of them corrected."""
    keys, other_keys = set(_keys(ours)), set(_keys(theirs))
    days, other_days = set(ours.dates_of_birth), set(theirs.dates_of_birth)
    born_apart = bool(days and other_days and not days & other_days)
    named = bool(ours.names and theirs.names)
    named_apart = named and all(best_likeness(name, theirs.names).contradicts for name in ours.names)
    if keys & other_keys or _numbers(ours) & _numbers(theirs):
        return born_apart and named_apart
    if named:
        return born_apart or named_apart  # the same name and birth under another number: the number was corrected
    return born_apart or _told_apart(ours, theirs)


def _keys(subject: Subject) -> tuple[str, ...]:
    return tuple(key for key in (subject.custodian_key, *subject.other_keys) if key is not None)


def _numbers(subject: Subject) -> set[tuple[IdentifierScheme, str]]:
    return {(held.scheme, held.value) for held in subject.identifiers}


def _told_apart(ours: Subject, theirs: Subject) -> bool:
    """Namesakes born on one day: another number, another key of the same owner, or another sex."""
    schemes = {scheme for scheme, _ in _numbers(ours)}
    if any(scheme in schemes for scheme, _ in _numbers(theirs)):
        return True
    keys, other_keys = set(_keys(ours)), set(_keys(theirs))
    if not keys & other_keys and {_owner(key) for key in keys} & {_owner(key) for key in other_keys}:
        return True
    return {*ours.sexes, *theirs.sexes} >= {Sex.FEMALE, Sex.MALE} and not set(ours.sexes) & set(theirs.sexes)


def _owner(custodian_key: str) -> str:
    return custodian_key.partition("|")[0]
