"""Seats: whoever takes one learns who sat there last, and nobody takes one that is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.adapters.kafka.member_slot import Seat

FILE = "seat-0.lock"


def sat(folder: Path, member: str = "member-1") -> Seat:
    seat = Seat(folder)
    assert seat.predecessor("police.requests", "work") is None
    seat.sit("police.requests", "work", member)
    return seat


def test_who_is_started_again_learns_who_it_was(tmp_path: Path):
    sat(tmp_path).close()
    again = Seat(tmp_path)
    assert again.predecessor("police.requests", "work") == "member-1"
    assert again.predecessor("police.requests", "other") is None
    assert again.predecessor("police.desk", "work") is None
    again.sit("police.requests", "work", "member-2")
    again.close()
    assert Seat(tmp_path).predecessor("police.requests", "work") == "member-2"


def test_two_that_live_side_by_side_have_a_seat_each(tmp_path: Path):
    """Otherwise one would make the other leave, who lives."""
    first, second = sat(tmp_path, "first"), sat(tmp_path, "second")
    third = Seat(tmp_path)
    assert third.predecessor("police.requests", "work") is None
    first.close()
    second.close()
    assert {Seat(tmp_path).predecessor("police.requests", "work")} == {"first"}


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'"member"', b"\xff\xfe"])
def test_what_a_crash_left_half_written_says_nothing(tmp_path: Path, left: bytes):
    (tmp_path / FILE).write_bytes(left)
    assert Seat(tmp_path).predecessor("police.requests", "work") is None


def test_only_its_owner_may_read_it(tmp_path: Path):
    seat = sat(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    seat.close()


def test_without_a_folder_there_is_no_seat():
    seat = Seat(None)
    seat.sit("police.requests", "work", "member-1")
    assert seat.predecessor("police.requests", "work") is None
    seat.close()
    seat.close()


def test_where_no_seat_can_be_taken_nobody_is_kept_from_working(tmp_path: Path):
    seat = Seat(tmp_path / "absent")
    assert seat.predecessor("police.requests", "work") is None
    seat.sit("police.requests", "work", "member-1")
    assert seat.predecessor("police.requests", "work") is None
    seat.close()
