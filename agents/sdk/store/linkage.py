"""Which records are of one person: pure, and the same in whatever order the records came.

Promise: records are held together only by a valid identifier, by their owner's own key for the person, or by the
same full names and date of birth; never by an invalid identifier, and never across a contradiction. (1) Records
that share a key are looked at together; (2) two of them are one person when they share a key, agree, and no third
contradicts one of the two only: a bare record that fits two different people is given to neither, and the rule of
`identify` is then unsure, as it should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import final

from agents.sdk.mapping.results import Subject
from broker.holder.name_matching import best_likeness, full_name_key, is_placeholder_date
from schemas.vocabulary import IdentifierScheme


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Linkable:
    """One record, by its number in the store or the file, and who it says it is about."""

    number: int
    subject: Subject = field(repr=False)


People = tuple[tuple[Linkable, ...], ...]


def link_keys(subject: Subject) -> frozenset[str]:
    """Every key that holds this record together with others of the same person."""
    keys = {f"{held.scheme}:{held.value}" for held in subject.identifiers}
    if subject.custodian_key is not None:
        keys.add(f"key:{subject.custodian_key}")
    names = {full_name_key(name) for name in subject.names} - {None}
    days = [day for day in subject.dates_of_birth if not is_placeholder_date(day)]
    return frozenset(keys | {f"born:{name}|{day}" for name in names for day in days})


def link(records: Sequence[Linkable]) -> People:
    """Put the records of each person together. All records that share a key with one given must be given."""
    keys = [link_keys(record.subject) for record in records]
    people: list[tuple[Linkable, ...]] = []
    for together in _connected(keys):  # (1)
        subjects = list(dict.fromkeys(records[place].subject for place in together))
        for alike in _people_among(subjects):
            people.append(tuple(records[place] for place in together if records[place].subject in alike))
    return tuple(people)


def _connected(marks: Sequence[frozenset[str]]) -> Iterator[tuple[int, ...]]:
    """Yield the places whose marks connect them, directly or over others."""
    parents = list(range(len(marks)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = place = parents[parents[place]]
        return place

    first: dict[str, int] = {}
    for place, held in enumerate(marks):
        for mark in held:
            a, b = root(first.setdefault(mark, place)), root(place)
            parents[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = {}
    for place in range(len(marks)):
        groups.setdefault(root(place), []).append(place)
    return (tuple(group) for group in groups.values())


def _people_among(subjects: Sequence[Subject]) -> Iterator[frozenset[Subject]]:
    """(2) Connected subjects, split where they contradict one another."""
    contradicted = [frozenset(i for i, theirs in enumerate(subjects) if not agree(ours, theirs)) for ours in subjects]
    if not any(contradicted):
        yield frozenset(subjects)
        return
    # A mark is a key together with whom its holder contradicts: sharing one is agreeing with the same people.
    marks = [
        frozenset(f"{sorted(contradicted[place])}{key}" for key in link_keys(subject))
        for place, subject in enumerate(subjects)
    ]
    for group in _connected(marks):
        yield frozenset(subjects[place] for place in group)


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


def _numbers(subject: Subject) -> set[tuple[IdentifierScheme, str]]:
    return {(held.scheme, held.value) for held in subject.identifiers}


def _told_apart(ours: Subject, theirs: Subject) -> bool:
    """Namesakes born on one day: another number, another key of the same owner, or no postcode in common."""
    schemes = {scheme for scheme, _ in _numbers(ours)}
    if any(scheme in schemes for scheme, _ in _numbers(theirs)):
        return True
    if ours.custodian_key is not None and theirs.custodian_key is not None:
        if ours.custodian_key == theirs.custodian_key:
            return False  # their owner says that they are one: a move is no other person
        if _owner(ours.custodian_key) == _owner(theirs.custodian_key):
            return True
    postcodes, other_postcodes = set(ours.postcodes), set(theirs.postcodes)
    return bool(postcodes and other_postcodes and not postcodes & other_postcodes)


def _owner(custodian_key: str) -> str:
    return custodian_key.partition("|")[0]
