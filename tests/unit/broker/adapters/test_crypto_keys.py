"""Private keys in files: for their owner only, and never out again; and the proof at start."""

from __future__ import annotations

import copy
import io
import os
import pickle
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from broker.adapters import crypto as door
from broker.adapters.crypto import selftest
from broker.errors import InvariantError, RejectedError, UsageError

SEED = bytes(range(32))


# ---------------------------------------------------------------- rest keys


def test_kept_row_decrypts_only_in_its_place() -> None:
    rest = door.FileRestKey(SEED)
    kept = rest.encrypt(b"row", context=b"table/1")
    assert rest.decrypt(kept, context=b"table/1") == b"row"
    with pytest.raises(RejectedError, match="REST_ALTERED"):
        rest.decrypt(kept, context=b"table/2")
    with pytest.raises(RejectedError, match="REST_ALTERED"):
        door.FileRestKey(bytes(32)).decrypt(kept, context=b"table/1")


@pytest.mark.parametrize("length", [0, 5, 8, 12, 27])
def test_row_cut_short_is_altered(length: int) -> None:
    rest = door.FileRestKey(SEED)
    with pytest.raises(RejectedError, match="REST_ALTERED"):
        rest.decrypt(rest.encrypt(b"", context=b"")[:length], context=b"")


def test_same_row_kept_twice_has_two_nonces() -> None:
    rest = door.FileRestKey(SEED)
    assert rest.encrypt(b"row", context=b"")[:12] != rest.encrypt(b"row", context=b"")[:12]


# ---------------------------------------------------------------- key files

FileKey = type[door.FileSigner] | type[door.FileOpener] | type[door.FileRestKey]
KINDS: list[FileKey] = [door.FileSigner, door.FileOpener, door.FileRestKey]


@pytest.mark.parametrize("kind", KINDS)
def test_generated_key_is_for_its_owner_only(tmp_path: Path, kind: FileKey) -> None:
    path = tmp_path / "private.key"
    before = os.umask(0)
    try:
        kind.generate(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32


def test_generated_key_is_the_one_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "private.key"
    assert door.FileSigner.generate(path).key_id == door.FileSigner.load(path).key_id
    assert door.FileSigner.generate(tmp_path / "other.key").key_id != door.FileSigner.load(path).key_id


def test_new_key_is_durable_before_its_public_half_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    door.FileOpener.generate(tmp_path / "private.key")
    assert synced == [False, True]


def test_key_that_could_not_be_made_durable_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(UsageError, match="no space left"):
        door.FileSigner.generate(tmp_path / "private.key")
    assert list(tmp_path.iterdir()) == []


def test_existing_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "private.key"
    door.FileSigner.generate(path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match=r"private\.key cannot be made: file exists"):
        door.FileSigner.generate(path)
    assert path.read_bytes() == before


def test_key_is_not_written_through_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "private.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError):
        door.FileSigner.generate(tmp_path / "private.key")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644, 0o666])
def test_key_that_others_may_touch_is_refused(tmp_path: Path, kind: FileKey, mode: int) -> None:
    path = tmp_path / "private.key"
    kind.generate(path)
    path.chmod(mode)
    with pytest.raises(UsageError, match=rf"private\.key is open to others \(mode 0{mode:o}\)") as caught:
        kind.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_key_of_wrong_length_is_refused(tmp_path: Path, kind: FileKey, length: int) -> None:
    path = tmp_path / "private.key"
    path.touch(mode=0o600)
    path.write_bytes(bytes(length))
    with pytest.raises(UsageError, match=r"private\.key does not hold 32 bytes"):
        kind.load(path)
    with pytest.raises(InvariantError):
        kind(bytes(length))


def test_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"private\.key cannot be read: no such file"):
        door.FileRestKey.load(tmp_path / "private.key")
    with pytest.raises(UsageError, match="cannot be read"):
        door.FileRestKey.load(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_private_bytes_never_come_out(kind: FileKey) -> None:
    seed = bytes.fromhex("00112233445566778899aabbccddeeff" * 2)
    key = kind(seed)
    public = [getattr(key, name) for name in dir(key) if not name.startswith("_")]
    shown = f"{key!r} {key!s} {public} {vars(key)}"
    assert seed.hex() not in shown
    assert repr(seed)[2:-1] not in shown
    for leave in (lambda: pickle.dump(key, io.BytesIO()), lambda: copy.copy(key), lambda: copy.deepcopy(key)):
        with pytest.raises(InvariantError, match="does not leave"):
            leave()


def test_key_id_is_the_start_of_the_hash_of_the_public_key() -> None:
    signer = door.FileSigner(SEED)
    assert signer.key_id == "56475aa75463474c0285df5dbf2bcab7"
    assert repr(signer) == "FileSigner(key_id=56475aa75463474c0285df5dbf2bcab7)"


# ---------------------------------------------------------------- the test at start


def test_this_build_passes_the_self_test() -> None:
    door.self_test()


def _unsupported(*arguments: object) -> bytes:
    raise UnsupportedAlgorithm("ML-KEM-768 is not supported by this backend.")


@pytest.mark.parametrize(
    ("owner", "name", "wrong"),
    [
        (door.Mash1Crypto, "verify", lambda *arguments: True),
        (door.Mash1Crypto, "verify", lambda *arguments: False),
        (door.Mash1Crypto, "encrypt", lambda self, key, plaintext, aad: plaintext),
        (door.Mash1Crypto, "decrypt", lambda *arguments: selftest._SECRET),
        (door.Mash1Crypto, "wrap", lambda *arguments: b""),
        (door.FileOpener, "open", lambda *arguments: selftest._SECRET),
        (door.FileSigner, "sign", lambda *arguments: bytes(64)),
        (door.Mash1Crypto, "wrap", _unsupported),
        (MLKEM768PublicKey, "from_public_bytes", _unsupported),
    ],
)
def test_build_that_gets_a_primitive_wrong_does_not_start(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, wrong: Callable[..., object]
) -> None:
    monkeypatch.setattr(owner, name, wrong)
    with pytest.raises(UsageError, match="install `cryptography` 48 or newer"):
        door.self_test()


def test_cryptography_without_hpke_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['cryptography.hazmat.primitives.hpke'] = None\n"
        "from broker.errors import UsageError\n"
        "try:\n    import broker.adapters.crypto\n"
        "except UsageError as error:\n    print(error)\n"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("install `cryptography` 48 or newer")


def test_randomness_comes_from_the_operating_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", lambda count: b"r" * count)
    assert door.random_bytes(5) == b"rrrrr"
