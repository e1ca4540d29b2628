"""Search tokens: what an officer's question finds an event by, when each organisation keeps pseudonyms of its own.

Promise: (1) one person who is written in several ways has tokens in common, by the one folding of names; (2) a token is
a keyed digest, so that nobody without the search key can tell of whom it is; (3) the audit service, where the tokens
lie, does not have that key: whoever takes its store, or a key and no store, cannot try out all NHS numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from schemas.audit import SearchToken
from schemas.folding import name_key
from schemas.identifiers import check
from schemas.request import PersonAsked
from schemas.vocabulary import Birth, IdentifierScheme, TokenKind

SEARCH_EPOCH = 1
TOKEN_BYTES = 16


def search_tokens(
    person: PersonAsked, identifiers: Iterable[tuple[IdentifierScheme, str]], *, key: Callable[[bytes], bytes]
) -> tuple[SearchToken, ...]:
    """Return the tokens of somebody asked about; none for an unborn child, who is found by request or mother."""
    if person.birth is Birth.UNBORN:
        return ()
    found = dict.fromkeys((*_identified(identifiers), *_named(person)))
    return tuple(SearchToken(kind=kind, token=key(f"{kind}\0{value}".encode())[:TOKEN_BYTES]) for kind, value in found)


def _identified(identifiers: Iterable[tuple[IdentifierScheme, str]]) -> Iterator[tuple[str, str]]:
    for scheme, value in identifiers:
        checked = check(scheme, value)
        if checked.valid:
            yield scheme.upper(), checked.value


def _named(person: PersonAsked) -> Iterator[tuple[str, str]]:
    family = name_key(person.family_name)
    given = next(filter(None, map(name_key, person.given_names)), "")
    if family:
        yield TokenKind.FAMILY, family
    born = person.date_of_birth
    if born is None or person.birth is Birth.ESTIMATED:
        return
    if family:
        yield TokenKind.FAMILY_YEAR, f"{family}|{born.year}"
    if person.birth is Birth.EXACT:
        yield from _dated(family, given, person.postcodes, born)


def _dated(family: str, given: str, postcodes: Iterable[str], born: date) -> Iterator[tuple[str, str]]:
    if family and given:
        yield TokenKind.NAME_DOB, f"{family}|{given}|{born}"
        yield TokenKind.INITIAL_DOB, f"{family}|{given[0]}|{born}"
    if given:
        yield TokenKind.GIVEN_DOB, f"{given}|{born}"
    for postcode in postcodes:
        yield TokenKind.POSTCODE_DOB, f"{name_key(postcode)}|{born}"
