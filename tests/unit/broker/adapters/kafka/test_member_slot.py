"""Seats: whoever takes one learns who sat there last, and nobody takes one that is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.adapters.kafka.member_slot import MemberSlot

FILE = "slot-0.lock"


def sat(folder: Path, member: str = "member-1") -> MemberSlot:
    slot = MemberSlot(folder)
    assert slot.predecessor("police.requests", "work") is None
    slot.record("police.requests", "work", member)
    return slot


def test_who_is_started_again_learns_who_it_was(tmp_path: Path):
    sat(tmp_path).close()
    again = MemberSlot(tmp_path)
    assert again.predecessor("police.requests", "work") == "member-1"
    assert again.predecessor("police.requests", "other") is None
    assert again.predecessor("police.desk", "work") is None
    again.record("police.requests", "work", "member-2")
    again.close()
    assert MemberSlot(tmp_path).predecessor("police.requests", "work") == "member-2"


def test_two_that_live_side_by_side_have_a_seat_each(tmp_path: Path):
    """Otherwise one would make the other leave, who lives."""
    first, second = sat(tmp_path, "first"), sat(tmp_path, "second")
    third = MemberSlot(tmp_path)
    assert third.predecessor("police.requests", "work") is None
    first.close()
    second.close()
    assert {MemberSlot(tmp_path).predecessor("police.requests", "work")} == {"first"}


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'"member"', b"\xff\xfe"])
def test_what_a_crash_left_half_written_says_nothing(tmp_path: Path, left: bytes):
    (tmp_path / FILE).write_bytes(left)
    assert MemberSlot(tmp_path).predecessor("police.requests", "work") is None


def test_only_its_owner_may_read_it(tmp_path: Path):
    slot = sat(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    slot.close()


def test_without_a_folder_there_is_no_slot():
    slot = MemberSlot(None)
    slot.record("police.requests", "work", "member-1")
    assert slot.predecessor("police.requests", "work") is None
    slot.close()
    slot.close()


def test_where_no_seat_can_be_taken_nobody_is_kept_from_working(tmp_path: Path):
    slot = MemberSlot(tmp_path / "absent")
    assert slot.predecessor("police.requests", "work") is None
    slot.record("police.requests", "work", "member-1")
    assert slot.predecessor("police.requests", "work") is None
    slot.close()
