"""The published directory: a new version is taken up, a bad one is an alarm, and nothing winds it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broker.errors import RejectedError, UsageError
from broker.exchange.directory import DIRECTORY_LABEL
from broker.exchange.directory_source import DirectorySource, directory_file
from broker.exchange.envelope import sha256
from broker.exchange.journal import Journal
from broker.exchange.public_file import PublicFile
from schemas.codec import encode
from schemas.directory import Register


class Folder:
    """The folder, one principal's journal, and the alarms that were raised."""

    def __init__(self, partnership) -> None:
        self.partnership = partnership
        self.path = partnership.folder / "directory"
        self.path.mkdir()
        self.alarms: list[str] = []
        self.digests: dict[int, bytes] = {}
        self.roots = {name: signer.public_key for name, signer in partnership.roots.items()}

    def put(self, version: int, *, name: int | None = None, by=("hub", "police"), **changes) -> None:
        changes = {"previous_digest": self.digests.get(version - 1), **changes}
        directory = self.partnership.directory(version=version, **changes)
        self.digests[version] = sha256(DIRECTORY_LABEL, encode(directory))
        signed = self.partnership.signed(directory, by=by)
        directory_file(self.path, name or version).write_bytes(signed)

    def bad(self, name: int) -> None:
        directory_file(self.path, name).write_bytes(b"noise")

    def open(self, *, minimum: int = 1, journal: Journal | None = None) -> DirectorySource:
        return DirectorySource(
            self.path,
            partnership="northants",
            roots=self.roots,
            minimum_version=minimum,
            journal=journal or self.partnership.journal("police"),
            crypto=self.partnership.crypto,
            clock=lambda: self.partnership.now,
            alarm=self.alarms.append,
        )


@pytest.fixture
def folder(partnership):
    return Folder(partnership)


def version(published: DirectorySource) -> int:
    return published.current().directory.version


def test_a_new_version_is_taken_up_as_soon_as_it_lies_there(folder):
    folder.put(1)
    published = folder.open()
    assert version(published) == 1
    folder.put(2)
    assert version(published) == 2
    assert folder.alarms == []


def test_a_folder_that_is_away_for_a_moment_leaves_the_version_in_use(folder):
    folder.put(1)
    published = folder.open()
    away = folder.path.rename(folder.path.with_name("away"))
    assert version(published) == 1
    away.rename(folder.path)
    folder.put(2)
    assert version(published) == 2


def test_a_bad_newer_file_is_one_alarm_and_the_good_one_stays(folder):
    folder.put(1)
    published = folder.open()
    folder.bad(2)
    assert [version(published) for _ in range(3)] == [1, 1, 1]
    assert folder.alarms == ["DIRECTORY_MALFORMED"]


def test_a_version_that_one_organisation_signed_alone_is_not_taken_up(folder):
    folder.put(1)
    published = folder.open()
    folder.put(2, by=("hub", "hub"))
    assert version(published) == 1
    assert folder.alarms == ["DIRECTORY_UNSIGNED"]


def test_a_version_that_comes_again_with_its_second_signature_is_taken_up(folder):
    folder.put(1)
    published = folder.open()
    folder.bad(2)
    assert version(published) == 1
    folder.put(2)
    assert version(published) == 2


def test_a_bad_file_does_not_hide_the_good_ones_that_come_after_it(folder):
    folder.put(1)
    published = folder.open()
    folder.bad(99_999_999)
    assert version(published) == 1
    folder.put(2)
    assert version(published) == 2
    assert folder.alarms == ["DIRECTORY_MALFORMED"]


def test_a_version_under_a_higher_name_does_not_hide_what_comes_after_it(folder):
    folder.put(1)
    published = folder.open()
    folder.put(1, name=7)
    assert version(published) == 1
    folder.put(2)
    assert version(published) == 2
    assert folder.alarms == ["DIRECTORY_MISNAMED"]


def test_a_version_that_skips_one_is_an_alarm_and_follows_when_the_one_between_came(folder):
    folder.put(1)
    published = folder.open()
    folder.put(2)
    between = directory_file(folder.path, 2)
    signed = between.read_bytes()
    between.unlink()
    folder.put(3)
    assert [version(published) for _ in range(2)] == [1, 1]
    between.write_bytes(signed)
    assert version(published) == 3
    assert folder.alarms == ["DIRECTORY_CHAIN"]


def test_a_process_that_was_away_takes_up_every_version_in_between(folder):
    folder.put(1)
    folder.open()
    for one in (2, 3, 4):
        folder.put(one)
    published = folder.open()
    assert version(published) == 4
    assert folder.alarms == []


def test_a_version_far_ahead_shuts_nobody_out(folder):
    """Two roots signed the highest number by mistake or against the rest: what follows is still taken up."""
    folder.put(1)
    published = folder.open()
    folder.put(99_999_999, previous_digest=folder.digests[1])
    assert version(published) == 1
    folder.put(2)
    assert [version(published), version(folder.open())] == [2, 2]
    assert set(folder.alarms) == {"DIRECTORY_CHAIN"}


def test_a_new_member_begins_at_the_version_it_was_enrolled_with(folder):
    for one in (1, 2, 3):
        folder.put(one)
    folder.put(99_999_999)
    assert version(folder.open(minimum=2)) == 3


def test_a_version_of_the_future_is_not_taken_up(folder, partnership):
    folder.put(1)
    published = folder.open()
    ahead = partnership.now + timedelta(seconds=121)
    folder.put(2, issued_at=ahead, expires_at=ahead + timedelta(days=1))
    assert version(published) == 1
    assert folder.alarms == ["DIRECTORY_DATES"]


def test_a_bad_newest_file_does_not_keep_a_process_from_starting(folder):
    folder.put(1)
    folder.open()
    folder.bad(2)
    assert version(folder.open()) == 1
    assert folder.alarms == ["DIRECTORY_MALFORMED"]


def test_a_folder_without_anything_to_trust_stops_the_start(folder):
    with pytest.raises(UsageError):
        folder.open()
    folder.bad(1)
    with pytest.raises(RejectedError, match="DIRECTORY_MALFORMED"):
        folder.open()


def test_a_restart_cannot_be_shown_an_older_version(folder):
    folder.put(1)
    folder.put(2)
    assert version(folder.open()) == 2
    directory_file(folder.path, 2).unlink()
    with pytest.raises(RejectedError, match="DIRECTORY_ROLLBACK"):
        folder.open()


def test_a_restart_cannot_be_shown_another_content_of_the_same_version(folder, partnership):
    folder.put(1)
    folder.open()
    folder.put(1, issued_at=partnership.now)
    with pytest.raises(RejectedError, match="DIRECTORY_SPLIT_VIEW"):
        folder.open()


def test_a_process_at_work_is_shown_no_other_content_either(folder, partnership):
    folder.put(1)
    published = folder.open()
    digest = published.current().digest
    folder.put(1, issued_at=partnership.now)
    assert published.current().digest == digest
    assert published.known_version(1) == digest


def test_two_processes_over_one_journal_are_not_shown_two_contents(folder, partnership):
    # Both looked into the journal before either wrote: the second writing decides.
    journal = partnership.journal("police")
    journal.see_directory("northants", version=1, digest=b"\1" * 32)
    journal.see_directory("northants", version=1, digest=b"\1" * 32)
    with pytest.raises(RejectedError, match="DIRECTORY_SPLIT_VIEW"):
        journal.see_directory("northants", version=1, digest=b"\2" * 32)
    with pytest.raises(RejectedError, match="DIRECTORY_ROLLBACK"):
        journal.see_directory("northants", version=0, digest=b"\1" * 32)
    assert journal.directory_seen("northants") == (1, b"\1" * 32)


def test_the_first_start_accepts_nothing_below_the_enrolled_version(folder):
    folder.put(2)
    with pytest.raises(RejectedError, match="DIRECTORY_ROLLBACK"):
        folder.open(minimum=3)
    assert version(folder.open(minimum=2)) == 2


def test_another_partnerships_rollback_memory_is_its_own(folder, partnership):
    folder.put(1)
    partnership.journal("police").see_directory("leics", version=9, digest=b"\1" * 32)
    assert version(folder.open()) == 1


# ---------------------------------------------------------------- versions that messages name


def test_old_versions_are_known_by_their_digest(folder):
    folder.put(1)
    published = folder.open()
    first = published.current().digest
    folder.put(2)
    assert published.known_version(2) == published.current().digest
    assert published.known_version(1) == first
    assert published.known_version(3) is None


def test_naming_a_newer_version_makes_us_look_for_it(folder):
    folder.put(1)
    published = folder.open()
    assert published.known_version(3) is None
    folder.put(2)
    folder.put(3)
    assert published.known_version(3) == published.current().digest


def test_a_version_that_was_asked_for_too_early_is_known_when_it_came(folder):
    folder.put(1)
    published = folder.open()
    assert published.known_version(2) is None
    folder.put(2)
    folder.put(3)
    assert version(published) == 3
    assert published.known_version(2) is not None


def test_an_old_file_that_is_unsigned_or_misnamed_makes_no_version_known(folder):
    folder.put(5)
    folder.put(2, by=("hub", "hub"))
    folder.put(3, name=4)
    published = folder.open()
    assert [published.known_version(one) for one in (2, 3, 4)] == [None, None, None]


# ---------------------------------------------------------------- the register


def test_the_register_is_the_one_that_the_directory_pins(folder, partnership):
    folder.put(1)
    data = encode(partnership.register)
    PublicFile.REGISTER.write(folder.path, data)
    published = folder.open()
    assert published.register() == partnership.register
    folder.put(2, register_digest=PublicFile.REGISTER.digest(encode(another(partnership))))
    with pytest.raises(RejectedError, match="REGISTER_MISMATCH"):
        published.register()  # the pinned one does not lie there, and the old one is not used in its place


@pytest.mark.parametrize("data", ["another", "noise", "nothing"])
def test_a_register_that_is_not_the_pinned_one_is_refused(folder, partnership, data):
    folder.put(1)
    pinned = PublicFile.REGISTER.digest(encode(partnership.register))
    if data != "nothing":
        bytes_of = encode(another(partnership)) if data == "another" else b"noise"
        PublicFile.REGISTER.path(folder.path, pinned).write_bytes(bytes_of)
    with pytest.raises(RejectedError, match="REGISTER_MISMATCH"):
        folder.open().register()


def another(partnership) -> Register:
    return Register(partnership="northants", version=2, people=partnership.register.people[:1])
