"""Whether an identifier can be real: its form and its check digit, and nothing more.

Promise: `check` never raises, and never calls a value valid that its issuer could not have issued. A valid
value is no proof that the person exists; an invalid one is flagged, kept out of every match, and never loses
the person (ref 6, loader rule). Sources: NHS number ref 5.2; UPN ref 5.3 (a temporary UPN ends in a letter,
which counts by its place in the check alphabet); ULN as in HESA's field and the ILR rule ULN_04; PNC and CRO
as in the CJS data standards catalogue; CRN and NOMS number ref 5.4 (no check digit).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from operator import mul
from typing import Final, final

from schemas.vocabulary import IdentifierScheme


class IdentifierFault(StrEnum):
    """Why a value is not a valid identifier; the words of the importer's flags."""

    WRONG_LENGTH = "WRONG_LENGTH"
    WRONG_FORM = "WRONG_FORM"
    INVALID_CHECK = "INVALID_CHECK"
    PLACEHOLDER = "PLACEHOLDER"
    """It passes the arithmetic, but stands for "not known" (1111111111, UN1): proof of nothing."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A value in its one canonical writing, and what is wrong with it if anything is."""

    scheme: IdentifierScheme
    value: str = field(repr=False)
    fault: IdentifierFault | None

    @property
    def valid(self) -> bool:
        """Say whether it may be matched on."""
        return self.fault is None


_UPN_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
_POLICE_LETTERS: Final = "ZABCDEFGHJKLMNPQRTUVWXY"
_COUNTING: Final = frozenset({"1234567890", "0123456789", "9876543210", "0987654321"})
_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2015]+")
_PNC: Final = re.compile(r"([0-9]{4}|[0-9]{2})/?([0-9]{7})([A-Z])|([0-9]{4}|[0-9]{2})/([0-9]{1,6})([A-Z])")
_CRO: Final = re.compile(r"([0-9]{1,6})/([0-9]{2})([A-Z])")
_CRO_FILE: Final = re.compile(r"SF([0-9]{2})/([0-9]{1,6})([A-Z])")
_PNC_FIRST_YEAR: Final = 50
"""Two-digit years from here on are of the twentieth century: the PNC's records begin in the 1950s."""

_Verdict = tuple[str, IdentifierFault | None]


def check(scheme: IdentifierScheme, value: str) -> Checked:
    """Write `value` canonically and say whether it can be of that scheme. Spaces and hyphens are ignored."""
    plain, fault = _RULES[scheme](_SEPARATORS.sub("", value).upper())
    return Checked(scheme=scheme, value=plain, fault=fault)


def _is_digits(value: str, length: int) -> IdentifierFault | None:
    if not value.isascii() or not value.isdigit():  # `isdigit` alone takes digits of every script
        return IdentifierFault.WRONG_FORM
    return None if len(value) == length else IdentifierFault.WRONG_LENGTH


def _ten_digits(value: str, expected: Callable[[int], int]) -> _Verdict:
    """Check ten digits, weighted 10 to 2; `expected` gives the check digit for the sum."""
    fault = _is_digits(value, 10)
    if fault is not None:
        return value, fault
    if len(set(value)) == 1 or value in _COUNTING:
        return value, IdentifierFault.PLACEHOLDER
    if value[0] == "0":
        return value, IdentifierFault.WRONG_FORM
    total = sum(map(mul, map(int, value), range(10, 1, -1)))
    return value, None if expected(total) == int(value[9]) else IdentifierFault.INVALID_CHECK


def _nhs(value: str) -> _Verdict:
    return _ten_digits(value, lambda total: (11 - total % 11) % 11)  # 10 is no digit, so it never fits


def _uln(value: str) -> _Verdict:
    return _ten_digits(value, lambda total: 10 - total % 11 if total % 11 else -1)  # remainder 0: never issued


def _upn(value: str) -> _Verdict:
    if re.fullmatch("UN[0-9]", value):
        return value, IdentifierFault.PLACEHOLDER
    if len(value) != 13:
        return value, IdentifierFault.WRONG_LENGTH
    if not re.fullmatch(f"[{_UPN_LETTERS}][0-9]{{11}}[0-9{_UPN_LETTERS}]", value):
        return value, IdentifierFault.WRONG_FORM
    if len(set(value[1:])) == 1:
        return value, IdentifierFault.PLACEHOLDER
    numbers = [int(mark) if mark.isdigit() else _UPN_LETTERS.index(mark) for mark in value[1:]]
    total = sum(number * place for place, number in enumerate(numbers, start=2))
    return value, None if _UPN_LETTERS[total % 23] == value[0] else IdentifierFault.INVALID_CHECK


def _police(value: str, *, year: str, serial: str, letter: str) -> _Verdict:
    if int(serial) == 0:
        return value, IdentifierFault.PLACEHOLDER
    fits = _POLICE_LETTERS[int(year[-2:] + serial) % 23] == letter
    return value, None if fits else IdentifierFault.INVALID_CHECK


def _pnc(value: str) -> _Verdict:
    match = _PNC.fullmatch(value)
    if match is None:
        return value, IdentifierFault.WRONG_FORM
    year, serial, letter = (part for part in match.groups() if part is not None)
    if len(year) == 2:
        year = ("19" if int(year) >= _PNC_FIRST_YEAR else "20") + year
    serial = serial.zfill(7)
    return _police(f"{year}/{serial}{letter}", year=year, serial=serial, letter=letter)


def _cro(value: str) -> _Verdict:
    match, on_file = _CRO.fullmatch(value), _CRO_FILE.fullmatch(value)
    if match is not None:
        serial, year, letter = match[1].zfill(6), match[2], match[3]
        return _police(f"{serial}/{year}{letter}", year=year, serial=serial, letter=letter)
    if on_file is not None:  # records kept on file before fingerprints were: SF, the year first
        year, serial, letter = on_file[1], on_file[2].zfill(5), on_file[3]
        return _police(f"SF{year}/{serial}{letter}", year=year, serial=serial, letter=letter)
    return value, IdentifierFault.WRONG_FORM


def _form(pattern: str) -> Callable[[str], _Verdict]:
    def rule(value: str) -> _Verdict:
        if not re.fullmatch(pattern, value):
            return value, IdentifierFault.WRONG_FORM
        if not re.search("[1-9]", value):
            return value, IdentifierFault.PLACEHOLDER
        return value, None

    return rule


_local: Final = _form("[A-Z0-9][A-Z0-9./:_]{0,39}")
"""Numbers of one system each, with no published form or check digit."""

_RULES: Final[dict[IdentifierScheme, Callable[[str], _Verdict]]] = {
    IdentifierScheme.NHS: _nhs,
    IdentifierScheme.UPN: _upn,
    IdentifierScheme.ULN: _uln,
    IdentifierScheme.PNC: _pnc,
    IdentifierScheme.CRO: _cro,
    IdentifierScheme.CRN: _form("[A-Z][0-9]{6}"),
    IdentifierScheme.NOMS: _form("[A-Z][0-9]{4}[A-Z]{2}"),
    IdentifierScheme.CSC: _local,
    IdentifierScheme.YJS: _local,
    IdentifierScheme.TENANCY: _local,
    IdentifierScheme.NDTMS: _local,
    IdentifierScheme.PND: _local,
    IdentifierScheme.CRIS: _local,
}
