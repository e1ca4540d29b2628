"""When answers are due: by priority, as the partnership's profile says (T1 to T3; ref 4.1, 4.2).

(1) elapsed time runs on past closing, through nights and clock changes: an hour is an hour (RED); (2) working time runs
in the opening hours only, so a start outside them begins with the next opening; (3) a working day is one whole
opening, wherever in a day it starts; (4) bank holidays and days the hub is shut have no opening.

Times come and go in UTC; openings are those of the wall clock where the hub is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from broker.errors import UsageError
from schemas.vocabulary import RatingBand

MOST_DAYS_SHUT = 400
"""More days than any real hub stays shut; looking further would be looking for ever."""

_Positive = Annotated[int, Field(gt=0)]


class Weekday(StrEnum):
    """Days of the week, in the order of `date.weekday()`."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Clock(_Part):
    """One priority's time to answer: exactly one of the three."""

    elapsed_minutes: _Positive | None = None
    working_minutes: _Positive | None = None
    working_days: _Positive | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.elapsed_minutes, self.working_minutes, self.working_days)) != 1:
            raise ValueError("a clock is one of elapsed_minutes, working_minutes, working_days")
        return self


class Hours(_Part):
    """When the hub is open (T17, T18); `bank_holidays` is a country and its part, as ISO 3166 names them."""

    zone: str
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    opens: time
    closes: time
    bank_holidays: tuple[str, str] | None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("no such time zone") from error
        return name

    @model_validator(mode="after")
    def _open_at_all(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("the hub opens before it closes, on the same day")
        if self.bank_holidays is not None:
            _check_holidays(self.bank_holidays)
        return self

    def openings(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield when the hub opens and closes, in UTC, from the day of `start` on. Raises: UsageError if never."""
        zone = ZoneInfo(self.zone)
        day, shut = start.astimezone(zone).date(), 0
        while shut < MOST_DAYS_SHUT:
            if self._is_open(day):  # (4)
                shut = 0
                opens, closes = (datetime.combine(day, wall, zone) for wall in (self.opens, self.closes))
                yield opens.astimezone(UTC), closes.astimezone(UTC)
            else:
                shut += 1
            day += timedelta(days=1)
        raise UsageError("the opening hours of this partnership's profile never come")

    def _is_open(self, day: date) -> bool:
        if tuple(Weekday)[day.weekday()] not in self.days:
            return False
        return self.bank_holidays is None or day not in _bank_holidays(self.bank_holidays, day.year)


class Clocks(_Part):
    """A partnership's clocks, and the hours by which those of working time run. A priority without one has none."""

    RED: Clock | None = None
    AMBER: Clock | None = None
    GREEN: Clock | None = None
    BLUE: Clock | None = None
    hours: Hours

    def of(self, band: RatingBand) -> Clock | None:
        """Return the clock of this priority."""
        match band:
            case RatingBand.RED:
                return self.RED
            case RatingBand.AMBER:
                return self.AMBER
            case RatingBand.GREEN:
                return self.GREEN
            case RatingBand.BLUE:
                return self.BLUE


def due_at(band: RatingBand, received_at: datetime, *, clocks: Clocks) -> datetime | None:
    """Return when answers are due, in UTC; None where this profile has no clock for the band."""
    clock = clocks.of(band)
    if clock is None:
        return None
    received_at = received_at.astimezone(UTC)
    if clock.elapsed_minutes is not None:
        return received_at + timedelta(minutes=clock.elapsed_minutes)  # (1)
    if clock.working_minutes is not None:
        return _after(received_at, timedelta(minutes=clock.working_minutes), hours=clocks.hours)
    opening = datetime.combine(date.min, clocks.hours.closes) - datetime.combine(date.min, clocks.hours.opens)
    return _after(received_at, opening * (clock.working_days or 0), hours=clocks.hours)  # (3)


def _after(start: datetime, working: timedelta, *, hours: Hours) -> datetime:
    for opens, closes in hours.openings(start):  # (2)
        here = closes - max(opens, min(start, closes))
        if working <= here:
            return closes - (here - working)
        working -= here
    raise UsageError("the opening hours of this partnership's profile never come")


@cache
def _bank_holidays(where: tuple[str, str], year: int) -> frozenset[date]:
    country, part = where
    return frozenset(holidays.country_holidays(country, subdiv=part, years=year))


def _check_holidays(where: tuple[str, str]) -> None:
    try:
        _bank_holidays(where, 2026)  # any year: the question is whether the library knows the place
    except NotImplementedError as error:
        raise ValueError("bank holidays of this place are not known") from error
