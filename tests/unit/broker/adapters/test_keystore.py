"""The key store: made once, for its owner's eyes, loaded whole, and destroyed when its time is over."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta, timezone

import pytest

from broker.adapters import keystore
from broker.adapters.crypto import Mash1Crypto
from broker.errors import RejectedError, UsageError
from broker.exchange.envelope import sha256

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def keys(tmp_path):
    """A new principal's keys, with one epoch."""
    folder = tmp_path / "police" / "keys"
    keystore.make_keys(folder, search_from=None)
    keystore.make_epoch(folder, MONDAY)
    return folder


def test_an_epoch_begins_on_monday_at_midnight_utc():
    for moment in (MONDAY, MONDAY + timedelta(days=3, hours=5), MONDAY + timedelta(days=7) - MOMENT):
        assert keystore.epoch_start(moment) == MONDAY
    assert keystore.epoch_start(MONDAY - MOMENT) == MONDAY - timedelta(days=7)


def test_an_epoch_is_the_same_in_every_time_zone():
    for hours in (-11, 9):
        elsewhere = timezone(timedelta(hours=hours))
        assert keystore.epoch_start(MONDAY.astimezone(elsewhere)) == MONDAY


def test_keys_are_files_that_only_their_owner_can_read(keys):
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    assert stat.S_IMODE(keys.stat().st_mode) == stat.S_IMODE(keys.parent.stat().st_mode) == 0o700
    assert len({path.read_bytes() for path in keys.iterdir()}) == 5


def test_keys_are_not_made_over_others(keys):
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    with pytest.raises(FileExistsError):
        keystore.make_keys(keys, search_from=None)
    keystore.make_epoch(keys, MONDAY)
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before


def test_an_epoch_is_made_once_and_each_has_its_own_key(keys):
    first = keystore.make_epoch(keys, MONDAY)
    assert keystore.make_epoch(keys, MONDAY) == first
    assert keystore.make_epoch(keys, MONDAY + keystore.EPOCH) != first


def test_a_loaded_ring_signs_opens_and_keeps_with_what_was_made(keys):
    later = keystore.make_epoch(keys, MONDAY + keystore.EPOCH)
    ring, crypto = keystore.load_keyring("police", keys), Mash1Crypto()
    assert ring.principal == "police"
    assert len(ring.openers) == 2
    assert ring.openers[sha256(later)].open(crypto.wrap(later, b"secret", b"info"), b"info") == b"secret"
    signer = keystore.load_signer(keys)
    assert crypto.verify(signer.public_key, ring.signer.sign(b"message"), b"message")
    again = keystore.load_keyring("police", keys)
    assert again.rest.decrypt(ring.rest.encrypt(b"kept", context=b"row"), context=b"row") == b"kept"
    assert again.pseudonym(b"person") == ring.pseudonym(b"person")


def test_two_principals_make_different_pseudonyms(keys, tmp_path):
    other = tmp_path / "health" / "keys"
    keystore.make_keys(other, search_from=None)
    keystore.make_epoch(other, MONDAY)
    rings = [keystore.load_keyring(path.parent.name, path) for path in (keys, other)]
    assert rings[0].pseudonym(b"person") != rings[1].pseudonym(b"person")


def test_an_epoch_is_destroyed_when_it_may_no_longer_be_opened_and_no_earlier(keys):
    keystore.make_epoch(keys, MONDAY + keystore.EPOCH)
    over = MONDAY + timedelta(days=28)
    assert keystore.destroy_old_epochs(keys, over - MOMENT) == 0
    assert keystore.destroy_old_epochs(keys, over) == 1
    assert [path.name for path in keys.glob("kem-*")] == ["kem-2026-11-30.seed"]
    assert keystore.destroy_old_epochs(keys, over) == 0


def test_what_was_sealed_to_a_destroyed_epoch_opens_no_more(partnership, tmp_path):
    # The whole way: the folder's key is the directory's, a request is sealed to it, its time ends.
    folder = tmp_path / "late" / "keys"
    keystore.make_keys(folder, search_from=None)
    public_key = keystore.make_epoch(folder, MONDAY)
    wrap = partnership.crypto.wrap(public_key, b"content key", b"info")
    assert keystore.load_keyring("late", folder).openers[sha256(public_key)].open(wrap, b"info") == b"content key"
    keystore.make_epoch(folder, MONDAY + timedelta(days=28))
    keystore.destroy_old_epochs(folder, MONDAY + timedelta(days=28))
    ring = keystore.load_keyring("late", folder)
    assert sha256(public_key) not in ring.openers
    for opener in ring.openers.values():
        with pytest.raises(RejectedError, match="WRAP_NOT_OURS"):
            opener.open(wrap, b"info")


def test_a_file_that_is_no_epoch_is_named_and_not_destroyed(keys):
    (keys / "kem-copy.seed").write_bytes(bytes(32))
    with pytest.raises(UsageError, match="kem-copy"):
        keystore.destroy_old_epochs(keys, MONDAY + timedelta(days=365))
    assert len(list(keys.glob("kem-*"))) == 2


@pytest.mark.parametrize("name", ["signing.seed", "rest.seed", "pseudonym.seed", "search.seed"])
def test_a_missing_key_is_named(keys, name):
    (keys / name).unlink()
    with pytest.raises(UsageError, match=name):
        keystore.load_keyring("police", keys)


def test_a_ring_without_an_epoch_is_refused(keys):
    (keys / "kem-2026-11-23.seed").unlink()
    with pytest.raises(UsageError, match="epoch"):
        keystore.load_keyring("police", keys)


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o755])
def test_a_folder_that_others_may_enter_is_refused(keys, mode):
    keys.parent.chmod(mode)
    with pytest.raises(UsageError, match="chmod 700"):
        keystore.load_keyring("police", keys)


@pytest.mark.parametrize("name", ["signing.seed", "rest.seed", "pseudonym.seed", "search.seed", "kem-2026-11-23.seed"])
def test_a_key_that_others_may_read_is_refused(keys, name):
    (keys / name).chmod(0o640)
    with pytest.raises(UsageError, match=name):
        keystore.load_keyring("police", keys)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="nowhere"):
        keystore.load_keyring("police", tmp_path / "nowhere" / "keys")


def test_a_root_key_is_made_once_and_signs_again_after_a_restart(keys):
    made = keystore.make_root(keys)
    assert keystore.load_root(keys).public_key == made.public_key
    with pytest.raises(UsageError):
        keystore.make_root(keys)


def test_a_members_search_key_is_the_partnerships(tmp_path):
    hub, police, audit = (tmp_path / name / "keys" for name in ("hub", "police", "audit"))
    for folder, source in ((hub, None), (police, hub), (audit, None)):
        keystore.make_keys(folder, search_from=source)
        keystore.make_epoch(folder, MONDAY)
    tokens = {folder: keystore.load_keyring("x", folder).search(b"NHS") for folder in (hub, police, audit)}
    assert tokens[hub] == tokens[police] != tokens[audit]
    assert stat.S_IMODE((police / "search.seed").stat().st_mode) == 0o600
