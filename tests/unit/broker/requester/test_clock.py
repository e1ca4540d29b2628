"""When answers are due: hours that run on, hours that wait for the morning, and the nights on which a clock jumps."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from broker.partnership.profile import load_profile
from broker.requester.clock import Clock, Clocks, Hours, due_at
from schemas.vocabulary import RatingBand

LONDON = ZoneInfo("Europe/London")


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.fixture(scope="module")
def clocks() -> Clocks:
    return load_profile("northamptonshire").profile.clocks


def _due(rag: RatingBand, start: str, clocks: Clocks) -> str:
    return due_at(rag, _local(start).astimezone(UTC), clocks=clocks).astimezone(LONDON).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-20T10:00", "2026-11-20T11:00"),
        ("2026-11-20T16:45", "2026-11-20T17:45"),  # runs on past closing
        ("2026-11-21T03:00", "2026-11-21T04:00"),  # never queued until morning
        ("2026-12-25T12:00", "2026-12-25T13:00"),
    ],
)
def test_red_is_one_hour_whatever_the_hour(clocks: Clocks, start: str, due: str) -> None:
    """T3, ref 4.1 RED_SCREEN: worked to completion past closing."""
    assert _due(RatingBand.RED, start, clocks) == due


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-20T16:00", "2026-11-21T16:00"),
        ("2026-03-28T12:00", "2026-03-29T13:00"),  # a night of 23 hours
        ("2026-10-24T12:00", "2026-10-25T11:00"),  # a night of 25 hours
    ],
)
def test_amber_is_twenty_four_hours_elapsed(clocks: Clocks, start: str, due: str) -> None:
    """T2, ref 4.2: stored in UTC, so a changing clock neither gives nor takes an hour."""
    assert _due(RatingBand.AMBER, start, clocks) == due


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_red_on_the_night_the_clock_changes_is_one_real_hour(clocks: Clocks, night: str) -> None:
    """T3, ref 4.2."""
    start = datetime.fromisoformat(f"{night}T00:30+00:00")
    assert due_at(RatingBand.RED, start, clocks=clocks) - start == timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-16T10:00", "2026-11-23T10:00"),  # over one weekend
        ("2026-11-20T16:59", "2026-11-27T16:59"),
        ("2026-11-16T09:00", "2026-11-20T17:00"),  # five whole openings end with the fifth
        ("2026-11-16T07:00", "2026-11-20T17:00"),  # before opening: begins with it
        ("2026-11-20T17:00", "2026-11-27T17:00"),  # at closing: begins on Monday
        ("2026-11-21T12:00", "2026-11-27T17:00"),  # on a Saturday
        ("2026-12-21T10:00", "2026-12-30T10:00"),  # Christmas Day, and Boxing Day kept on Monday the 28th
        ("2026-04-02T10:00", "2026-04-13T10:00"),  # Good Friday and Easter Monday
        ("2026-03-26T10:00", "2026-04-02T10:00"),  # the spring night between: the same wall clock
        ("2026-10-22T10:00", "2026-10-29T10:00"),  # the autumn night between
        ("2026-12-29T10:00", "2027-01-06T10:00"),  # New Year's Day, into the next year's list
    ],
)
def test_green_is_five_working_days(clocks: Clocks, start: str, due: str) -> None:
    """T1, T18, ref 4.1 GREEN_RESPONSE, ref 4.2: Monday to Friday, 09:00 to 17:00, England's bank holidays."""
    assert _due(RatingBand.GREEN, start, clocks) == due


def test_green_over_the_spring_night_is_an_hour_less_in_utc(clocks: Clocks) -> None:
    """Ref 4.2: computed in Europe/London, stored in UTC."""
    due = due_at(RatingBand.GREEN, datetime(2026, 3, 26, 10, 0, tzinfo=UTC), clocks=clocks)
    assert (due, due.utcoffset()) == (datetime(2026, 4, 2, 9, 0, tzinfo=UTC), timedelta(0))


def test_amber_may_count_opening_hours_instead(clocks: Clocks) -> None:
    """T2, ref 4.1 AMBER_SCREEN: working hours or elapsed, by configuration (24 hours are three openings)."""
    counted = clocks.model_copy(update={"AMBER": Clock(working_minutes=24 * 60)})
    assert _due(RatingBand.AMBER, "2026-11-19T12:00", counted) == "2026-11-24T12:00"


def test_working_time_is_real_time_where_a_site_is_open_over_the_change() -> None:
    """Ref 4.2: on the night of 25 hours the opening from midnight to six has seven."""
    night = Hours(zone="Europe/London", days=("SUN",), opens=time(0), closes=time(6), bank_holidays=None)
    clocks = Clocks(AMBER=Clock(working_minutes=7 * 60), hours=night)
    assert _due(RatingBand.AMBER, "2026-10-25T00:00", clocks) == "2026-10-25T06:00"


def test_blue_has_no_clock(clocks: Clocks) -> None:
    """T21, ref 4.1 BLUE."""
    assert due_at(RatingBand.BLUE, datetime(2026, 11, 20, tzinfo=UTC), clocks=clocks) is None


@pytest.mark.parametrize("change", [{}, {"elapsed_minutes": 60, "working_days": 1}, {"elapsed_minutes": 0}])
def test_clock_is_exactly_one_time(change: dict[str, int]) -> None:
    """A clock of two times would be two promises."""
    with pytest.raises(ValidationError):
        Clock.model_validate(change)


@pytest.mark.parametrize(
    "change",
    [
        {"zone": "Europe/Northampton"},
        {"days": []},
        {"days": ["Monday"]},
        {"opens": "17:00", "closes": "09:00"},
        {"bank_holidays": ["GB", "NORTHANTS"]},
        {"bank_holidays": ["XX", "ENG"]},
    ],
)
def test_hours_that_never_come_are_not_loaded(clocks: Clocks, change: dict[str, object]) -> None:
    """Found when the profile is read, not at the first request."""
    with pytest.raises(ValidationError):
        Hours.model_validate({**clocks.hours.model_dump(), **change})
