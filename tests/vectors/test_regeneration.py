"""What lies in the repository is what `make vectors` would write, and what is released cannot be written over."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tests.vectors import released
from tests.vectors.regenerate import differences, every_file
from tests.vectors.released import FrozenError, faults, frozen, refreshed

OLD, NEW = b"{}", b'{"a": 1}'
FREE = {"x.v1.avsc": {"sha256": sha256(OLD).hexdigest(), "released": None}}
FROZEN = frozen(FREE, version="0.1.0")


def test_writing_every_vector_again_changes_nothing() -> None:
    """`may_make=False`: with the stored wraps even the envelopes come out byte for byte."""
    assert differences(every_file(may_make=False)) == []


def test_manifest_lists_every_schema_file_as_it_is() -> None:
    assert faults(released.manifest(), released.on_disk()) == []


def test_release_freezes_what_is_free_and_leaves_what_is_frozen() -> None:
    assert FROZEN["x.v1.avsc"]["released"] == "0.1.0"
    assert frozen(FROZEN, version="0.2.0") == FROZEN


def test_changed_byte_of_a_released_schema_is_found_and_not_written_over() -> None:
    assert "put it back and add x.v2.avsc beside it" in faults(FROZEN, {"x.v1.avsc": NEW})[0]
    with pytest.raises(FrozenError):
        refreshed(FROZEN, {"x.v1.avsc": NEW})


def test_released_schema_that_is_gone_is_found() -> None:
    assert len(faults(FROZEN, {})) == 1
    with pytest.raises(FrozenError):
        refreshed(FROZEN, {"y.v1.avsc": NEW})


def test_new_version_beside_a_released_one_is_taken_up() -> None:
    files = {"x.v1.avsc": OLD, "x.v2.avsc": NEW}
    assert "x.v2.avsc: not in the manifest" in faults(FROZEN, files)[0]
    entries = refreshed(FROZEN, files)
    assert faults(entries, files) == []
    assert entries["x.v1.avsc"] == FROZEN["x.v1.avsc"]
    assert entries["x.v2.avsc"]["released"] is None


def test_schema_that_is_not_released_may_still_change() -> None:
    assert "run `make vectors`" in faults(FREE, {"x.v1.avsc": NEW})[0]
    assert faults(refreshed(FREE, {"x.v1.avsc": NEW}), {"x.v1.avsc": NEW}) == []
