"""The person that a record is about, from the fields that the release table marks for the index.

Promise: an identifier counts only with a right check digit; a placeholder, or what cannot be read, is flagged and
left out; the person is kept either way (ref 6, loader rule).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar, final

from agents.sdk.mapping.release_table import IndexUse
from agents.sdk.mapping.results import Flagged, Subject
from agents.sdk.mapping.values import PartialDay, Value
from broker.holder.name_matching import postcode_key
from broker.holder.source import IdentifierHeld, NameHeld
from schemas.identifiers import Checked, IdentifierFault, check
from schemas.vocabulary import IdentifierScheme, Sex

_T = TypeVar("_T")

LONGEST_NAME: Final = 300
EARLIEST_BIRTH: Final = date(1900, 1, 2)
LATEST_BIRTH: Final = date(2199, 12, 31)
"""Outside these a date of birth stands for "not known" (1900-01-01, 9999-12-31)."""

_SEXES: Final = {
    "female": Sex.FEMALE,
    "f": Sex.FEMALE,
    "male": Sex.MALE,
    "m": Sex.MALE,
    "other": Sex.OTHER,
    "unknown": Sex.UNKNOWN,
    "u": Sex.UNKNOWN,
}


@final
@dataclass(slots=True, kw_only=True)
class SubjectBuilder:
    """A builder of the subject of one record, from its index fields one by one."""

    custodian: str
    verified_identifiers: bool
    flagged: list[Flagged]
    _given: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _family: dict[str, str] = field(default_factory=dict, repr=False)
    _dates: list[date] = field(default_factory=list, repr=False)
    _sexes: list[Sex] = field(default_factory=list)
    _postcodes: list[str] = field(default_factory=list, repr=False)
    _identifiers: list[IdentifierHeld] = field(default_factory=list, repr=False)
    _custodian_key: str | None = field(default=None, repr=False)
    _restricted: bool = False
    _partial_births: list[str] = field(default_factory=list, repr=False)
    _multiple_birth: bool = False
    _other_keys: tuple[str, ...] = field(default=(), repr=False)

    def add(self, use: IndexUse, value: Value, *, at: str, place: str) -> None:
        """Take in one field; `place` is the object it stands in. Names in one object are one name."""
        if use is IndexUse.MULTIPLE_BIRTH:
            self._multiple_birth = self._multiple_birth or value is True
        elif isinstance(value, date):
            self._add_date(value, at)
        elif isinstance(value, bool):
            self._restricted = self._restricted or value
        elif isinstance(value, str):
            self._add_text(use, value, at, place)

    def add_person_id(self, value: str, *, at: str) -> None:
        """Take in the custodian's key for the person: an identifier when it is a valid NHS number."""
        checked = check(IdentifierScheme.NHS, value)
        if checked.valid:
            self._add_checked(checked, at)
            return
        digits_only = checked.value.isascii() and checked.value.isdigit()
        reason = str(checked.fault) if digits_only else "OPAQUE_PERSON_ID"
        self.flagged.append(Flagged(at=at, reason=reason))
        if checked.fault is not IdentifierFault.PLACEHOLDER:  # 1111111111 is on many people's records
            self._custodian_key = f"{self.custodian}|{value.strip()}"

    def add_key(self, key: str, others: tuple[str, ...] = ()) -> None:
        """Take in the owner's key for the person where it is known to be no identifier, whatever it looks like.

        `others` are further keys of the same person: a merge that the owner's system states.
        """
        self._custodian_key, self._other_keys = key, others

    def restrict(self) -> None:
        """Take in that what encloses the record restricts it."""
        self._restricted = True

    def bind(self, bound: tuple[IdentifierHeld, ...], *, at: str) -> None:
        """Take in whom the operator says an unnamed record is about; a record that names somebody refuses it."""
        if not bound:
            return
        if self.names_somebody:
            self.flagged.append(Flagged(at=at, reason="BINDING_NOT_USED"))
        else:
            self._identifiers.extend(bound)

    @property
    def names_somebody(self) -> bool:
        """Whether there is a name, an identifier, or at least its owner's key: anything to tell people apart by."""
        return bool(self._given or self._family or self._identifiers or self._custodian_key)

    def build(self) -> Subject:
        """Return the subject of the record."""
        places = list(dict.fromkeys([*self._given, *self._family]))
        names = [NameHeld(given_names=self._given.get(at, ()), family_name=self._family.get(at)) for at in places]
        return Subject(
            names=tuple(names),
            dates_of_birth=_once(self._dates),
            sexes=_once(self._sexes),
            postcodes=_once(self._postcodes),
            identifiers=_once(self._identifiers),
            custodian_key=self._custodian_key,
            restricted=self._restricted,
            partial_births=_once(self._partial_births),
            multiple_birth=self._multiple_birth,
            other_keys=self._other_keys,
        )

    def _add_date(self, day: date, at: str) -> None:
        if EARLIEST_BIRTH <= day <= LATEST_BIRTH:
            if isinstance(day, PartialDay):
                self._partial_births.append(day.short)
            else:
                self._dates.append(day)
        else:
            self.flagged.append(Flagged(at=at, reason="PLACEHOLDER"))

    def _add_text(self, use: IndexUse, value: str, at: str, place: str) -> None:
        if len(value) > LONGEST_NAME:
            self.flagged.append(Flagged(at=at, reason="TOO_LONG"))
        elif use is IndexUse.GIVEN_NAMES:
            self._given[place] = (*self._given.get(place, ()), *value.split())
        elif use is IndexUse.FAMILY_NAME:
            self._family[place] = value
        elif use is IndexUse.SEX:
            self._add_sex(value, at)
        elif use is IndexUse.POSTCODE:
            key = postcode_key(value)
            self._postcodes.extend([key] if key else [])
        else:
            self._add_checked(check(IdentifierScheme[use.name], value), at)

    def _add_sex(self, value: str, at: str) -> None:
        sex = _SEXES.get(value.casefold())
        if sex is None:
            self.flagged.append(Flagged(at=at, reason="UNKNOWN_WORD"))
        else:
            self._sexes.append(sex)

    def _add_checked(self, checked: Checked, at: str) -> None:
        if checked.fault is not None:
            self.flagged.append(Flagged(at=at, reason=str(checked.fault)))
            return
        held = IdentifierHeld(scheme=checked.scheme, value=checked.value, verified=self.verified_identifiers)
        self._identifiers.append(held)


def _once(found: list[_T]) -> tuple[_T, ...]:
    return tuple(found) if len(found) <= 1 else tuple(dict.fromkeys(found))
