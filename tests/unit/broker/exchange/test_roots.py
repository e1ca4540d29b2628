"""Roots that are replaced: by two of those that are trusted and two of the new ones, in a chain, and never back."""

from __future__ import annotations

import pytest

from broker.adapters.crypto import FileSigner, random_bytes
from broker.errors import RejectedError
from broker.exchange.directory import DIRECTORY_LABEL
from broker.exchange.directory_source import DirectorySource, directory_file, roots_file
from broker.exchange.envelope import sha256
from broker.exchange.roots import ROOTS_LABEL, next_roots, pinned_roots
from schemas.codec import encode
from schemas.directory import RootSignature
from schemas.roots import RootKey, Roots, SignedRoots

NAMES = ("hub", "police")


class Keepers:
    """The keepers of three sets of roots, the public folder, one member's journal, and its alarms."""

    def __init__(self, partnership) -> None:
        self.partnership = partnership
        self.path = partnership.folder / "directory"
        self.path.mkdir()
        fresh = [{name: FileSigner(random_bytes(32)) for name in NAMES} for _ in range(2)]
        self.sets = [dict(partnership.roots), *fresh]
        self.digests: dict[int, bytes] = {0: None}
        self.alarms: list[str] = []

    def keys(self, number: int) -> dict[str, bytes]:
        return {name: signer.public_key for name, signer in self.sets[number].items()}

    def directory(self, version: int, *, by: int, name: int | None = None, **changes) -> None:
        """Publish a version that a set of roots signed."""
        self.partnership.roots = self.sets[by]
        made = self.partnership.directory(
            version=version, **{"previous_digest": self.digests.get(version - 1), **changes}
        )
        self.digests[version] = sha256(DIRECTORY_LABEL, encode(made))
        directory_file(self.path, name or version).write_bytes(self.partnership.signed(made))

    def roots(self, which: int, *, last: int, **changes) -> bytes:
        """Return a set of roots, signed by the set before and by itself."""
        signers = changes.pop("signers", [*self.sets[which - 1].items(), *self.sets[which].items()])
        keys = changes.pop("keys", self.keys(which))
        values = {"partnership": "northants", "number": which, "last_digest": self.digests[last], **changes}
        roots = tuple(RootKey(organisation=name, public_key=key) for name, key in keys.items())
        body = encode(Roots(roots=roots, last_version=last, **values))
        signatures = tuple(
            RootSignature(organisation=name, key_id=one.key_id, signature=one.sign(ROOTS_LABEL + sha256(body)))
            for name, one in signers
        )
        return encode(SignedRoots(roots=body, signatures=signatures))

    def put(self, number: int, *, last: int, **changes) -> None:
        roots_file(self.path, number).write_bytes(self.roots(number, last=last, **changes))

    def open(self, *, minimum: int = 1) -> DirectorySource:
        return DirectorySource(
            self.path,
            partnership="northants",
            roots=self.keys(0),
            minimum_version=minimum,
            journal=self.partnership.journal("police"),
            crypto=self.partnership.crypto,
            clock=lambda: self.partnership.now,
            alarm=self.alarms.append,
        )


@pytest.fixture
def keepers(partnership):
    made = Keepers(partnership)
    made.directory(1, by=0)
    return made


def version(published: DirectorySource) -> int:
    return published.current().directory.version


@pytest.fixture
def reason(keepers, partnership):
    """Return why the set of roots after the pinned one is refused."""

    def run(signed: bytes) -> str:
        before = pinned_roots(keepers.keys(0))
        with pytest.raises(RejectedError) as refused:
            next_roots(signed, before=before, partnership="northants", crypto=partnership.crypto)
        return refused.value.reason

    return run


# ---------------------------------------------------------------- a chain


def test_a_chain_of_three_sets_is_followed_from_those_that_were_pinned(keepers):
    published = keepers.open()
    for number in (1, 2):
        keepers.put(number, last=number)
        assert version(published) == number  # the new roots count from the first directory that they sign
        keepers.directory(number + 1, by=number)
        assert version(published) == number + 1
    keepers.directory(4, by=2)
    assert version(published) == 4
    assert keepers.alarms == []
    assert [published.known_version(one) for one in (1, 2, 3)] == [keepers.digests[one] for one in (1, 2, 3)]
    assert published.roots == ("hub", "police")


def test_a_restart_and_a_new_member_follow_the_same_chain(keepers):
    keepers.open()
    for number in (1, 2):
        keepers.put(number, last=number)
        keepers.directory(number + 1, by=number)
    assert version(keepers.open()) == 3
    assert version(keepers.open()) == 3
    assert keepers.alarms == []


def test_roots_that_were_replaced_sign_nothing_more(keepers):
    """Attack: two roots were stolen. From the reset on what they sign is refused, after a restart too."""
    keepers.put(1, last=1)
    keepers.directory(2, by=1)
    assert version(keepers.open()) == 2
    keepers.directory(3, by=0)
    assert version(keepers.open()) == 2
    assert keepers.alarms == ["DIRECTORY_UNSIGNED"]


def test_a_reset_undoes_a_fast_forward_and_what_stolen_roots_signed(keepers):
    published = keepers.open()
    for one in (2, 3):
        keepers.directory(one, by=0)
    undone, stolen = keepers.digests[2], keepers.digests[3]
    assert version(published) == 3
    assert published.known_version(2) == undone
    keepers.put(1, last=1)
    keepers.directory(2, by=1, issued_at=keepers.partnership.now)
    assert version(published) == 2
    assert published.known_version(3) is None
    assert published.known_version(2) == keepers.digests[2]
    keepers.directory(3, by=1)
    assert version(published) == 3
    assert published.known_version(3) == keepers.digests[3] != stolen
    assert published.known_version(2) == keepers.digests[2] != undone
    assert version(keepers.open()) == 3


def test_a_new_member_that_was_shown_the_highest_version_only_is_brought_back(keepers):
    """Attack: two roots sign the highest number, and a new member's folder holds nothing else."""
    keepers.directory(99_999_999, by=0, previous_digest=bytes(32))
    published = keepers.open(minimum=3)
    assert version(published) == 99_999_999
    keepers.put(1, last=1)
    keepers.directory(2, by=1)
    assert version(published) == 2
    assert version(keepers.open(minimum=3)) == 2


def test_new_roots_whose_set_is_taken_out_of_the_folder_are_not_forgotten(keepers):
    """Attack: without the file the stolen roots would count again."""
    keepers.put(1, last=1)
    keepers.directory(2, by=1)
    assert version(keepers.open()) == 2
    roots_file(keepers.path, 1).unlink()
    with pytest.raises(RejectedError, match="ROOTS_ROLLBACK"):
        keepers.open()


def test_two_contents_of_one_set_are_a_split_view(keepers):
    keepers.put(1, last=1)
    keepers.directory(2, by=1)
    assert version(keepers.open()) == 2
    keepers.sets[1] = keepers.sets[2]
    keepers.put(1, last=1)
    with pytest.raises(RejectedError, match="ROOTS_SPLIT_VIEW"):
        keepers.open()


def test_a_bad_set_is_one_alarm_and_the_good_one_that_comes_after_it_counts(keepers):
    published = keepers.open()
    keepers.directory(2, by=1)
    roots_file(keepers.path, 1).write_bytes(b"noise")
    assert [version(published) for _ in range(2)] == [1, 1]
    keepers.put(1, last=1)
    assert version(published) == 2
    assert keepers.alarms == ["ROOTS_MALFORMED", "DIRECTORY_UNSIGNED"]


def test_a_first_directory_that_does_not_follow_waits_for_the_one_that_does(keepers):
    published = keepers.open()
    keepers.put(1, last=1)
    keepers.directory(2, by=1, previous_digest=bytes(32))
    assert [version(published) for _ in range(2)] == [1, 1]
    assert keepers.alarms[0] == "DIRECTORY_CHAIN"
    keepers.directory(2, by=1)
    assert version(published) == 2


def test_two_processes_over_one_journal_take_up_one_set(keepers, partnership):
    journal = partnership.journal("police")
    journal.see_roots("northants", number=1, digest=b"\1" * 32, first=(2, b"\2" * 32))
    journal.see_directory("northants", version=3, digest=b"\3" * 32)
    journal.see_roots("northants", number=1, digest=b"\1" * 32, first=(2, b"\2" * 32))
    assert journal.directory_seen("northants") == (3, b"\3" * 32)
    with pytest.raises(RejectedError, match="ROOTS_SPLIT_VIEW"):
        journal.see_roots("northants", number=1, digest=b"\2" * 32, first=(2, b"\2" * 32))
    with pytest.raises(RejectedError, match="ROOTS_ROLLBACK"):
        journal.see_roots("northants", number=0, digest=b"\1" * 32, first=(2, b"\2" * 32))


# ---------------------------------------------------------------- one set


def test_neither_old_nor_new_roots_alone_make_a_set(keepers, reason):
    old, new = list(keepers.sets[0].items()), list(keepers.sets[1].items())
    for signers in (old, new, [*old, new[0]], [old[0], *new], [old[0], old[0], *new]):
        assert reason(keepers.roots(1, last=1, signers=signers)) == "ROOTS_UNSIGNED"


def test_roots_may_stay_in_the_next_set(keepers, partnership):
    """One organisation lost its root; the other's stays, and a third vouches."""
    keepers.sets[0]["health"] = FileSigner(random_bytes(32))
    keepers.sets[1] = {**keepers.sets[0], "police": keepers.sets[1]["police"]}
    signers = [(name, keepers.sets[1][name]) for name in ("hub", "health")]
    signed = keepers.roots(1, last=1, signers=signers)
    before = pinned_roots(keepers.keys(0))
    found = next_roots(signed, before=before, partnership="northants", crypto=partnership.crypto)
    assert found.keys == keepers.keys(1)


def test_a_set_that_skips_one_or_is_another_partnerships_is_refused(keepers, reason):
    assert reason(keepers.roots(1, last=1, number=2)) == "ROOTS_CHAIN"
    assert reason(keepers.roots(1, last=1, partnership="leics")) == "WRONG_PARTNERSHIP"
    assert reason(keepers.roots(1, last=1) + b"\0") == "ROOTS_MALFORMED"


def test_a_set_does_not_wind_back_what_the_set_before_left_standing(keepers, partnership):
    keepers.directory(2, by=0)
    crypto = partnership.crypto
    first = next_roots(
        keepers.roots(1, last=2), before=pinned_roots(keepers.keys(0)), partnership="northants", crypto=crypto
    )
    with pytest.raises(RejectedError, match="ROOTS_CHAIN"):
        next_roots(keepers.roots(2, last=1), before=first, partnership="northants", crypto=crypto)


def test_a_root_that_stands_twice_or_is_unsound_is_refused(keepers, reason):
    twice = dict.fromkeys(NAMES, keepers.keys(1)["hub"])
    assert reason(keepers.roots(1, last=1, keys=twice)) == "ROOTS_KEYS"
    assert reason(keepers.roots(1, last=1, keys={**keepers.keys(1), "health": bytes(32)})) == "ROOTS_KEYS"
