"""Checkpoints: one spelling, every new leaf listed, and no other log's word taken for this one's."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.adapters.crypto import FileSigner, Mash1Crypto
from broker.errors import RejectedError
from broker.transparency.note import (
    MAX_EXTENSIONS,
    MAX_LEAVES,
    MAX_NAME_BYTES,
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Checkpoint,
    CheckpointLeaf,
    add_signature,
    note_key_id,
    open_checkpoint,
    open_note,
    sign_checkpoint,
)

LOG = "mash.northants/ledger"
WITNESS = "mash.northants/police"
CRYPTO = Mash1Crypto()
LOG_KEY, WITNESS_KEY, STRANGER_KEY = (FileSigner(bytes([number]) * 32) for number in (1, 2, 3))
KEYS = {LOG: LOG_KEY.public_key, WITNESS: WITNESS_KEY.public_key}


def leaf(index: int) -> CheckpointLeaf:
    event_id = f"0190a5b2-7c3d-7e4f-8a1b-{index % 16**12:012x}"
    return CheckpointLeaf(index=index, event_id=event_id, leaf_hash=sha256(b"leaf %d" % index).digest())


def checkpoint(*, previous: int = 2, size: int = 5, origin: str = LOG) -> Checkpoint:
    leaves = tuple(leaf(index) for index in range(previous, size))
    root = sha256(b"root %d" % size).digest()
    return Checkpoint(origin=origin, size=size, root=root, previous=previous, leaves=leaves)


def signed(text: str, *, signer: FileSigner = LOG_KEY, name: str = LOG) -> bytes:
    """A note over any text whatever, as a log that lies or errs would sign it."""
    blob = note_key_id(name, signer.public_key) + signer.sign(text.encode())
    return f"{text}\n— {name} {b64encode(blob).decode()}\n".encode()


def opened(value: bytes, *, required: str = LOG) -> Checkpoint:
    return open_checkpoint(value, origin=LOG, keys=KEYS, crypto=CRYPTO, required=required)


def rejected(reason: str, call: Callable[[], object]) -> None:
    with pytest.raises(RejectedError) as caught:
        call()
    assert caught.value.reason == reason


SIGNED = sign_checkpoint(checkpoint(), LOG_KEY, LOG)
TEXT = checkpoint().text
ROOT = TEXT.split("\n")[2]
LEAF = TEXT.split("\n")[4]


# ---------------------------------------------------------------- writing


def test_checkpoint_is_spelled_exactly_so() -> None:
    made = checkpoint(previous=2, size=3)
    root, leaf_hash = (b64encode(each).decode() for each in (made.root, leaf(2).leaf_hash))
    text = f"{LOG}\n3\n{root}\nprevious 2\nleaf 2 0190a5b2-7c3d-7e4f-8a1b-000000000002 {leaf_hash}\n"
    assert made.text == text
    assert sign_checkpoint(made, LOG_KEY, LOG) == signed(text)


@pytest.mark.parametrize(("previous", "size"), [(0, 0), (0, 1), (5, 5), (0, MAX_LEAVES), (2**63 - 2, 2**63 - 1)])
def test_signed_checkpoint_opens_to_the_same(previous: int, size: int) -> None:
    made = checkpoint(previous=previous, size=size)
    assert opened(sign_checkpoint(made, LOG_KEY, LOG)) == made


def test_largest_checkpoint_with_every_witness_fits() -> None:
    value = sign_checkpoint(checkpoint(previous=2**63 - 1 - MAX_LEAVES, size=2**63 - 1), LOG_KEY, LOG)
    for number in range(1, MAX_SIGNATURES):
        value = add_signature(value, WITNESS_KEY, f"{number:03d}".ljust(MAX_NAME_BYTES, "w"))
    assert len(value) <= MAX_NOTE_BYTES
    assert len(opened(value).leaves) == MAX_LEAVES
    rejected("NOTE_MALFORMED", lambda: add_signature(value, WITNESS_KEY, "one-more"))


@pytest.mark.parametrize(
    "name", ["", "two words", "a+b", "line\nbreak", "thin\u2009space", "bell\x07", "w" * (MAX_NAME_BYTES + 1)]
)
def test_name_that_would_break_its_line_is_refused(name: str) -> None:
    rejected("NOTE_MALFORMED", lambda: sign_checkpoint(checkpoint(), LOG_KEY, name))
    rejected("NOTE_MALFORMED", lambda: add_signature(SIGNED, WITNESS_KEY, name))
    rejected("CHECKPOINT_MALFORMED", lambda: checkpoint(origin=name))


@pytest.mark.parametrize(
    ("previous", "size", "indexes"),
    [
        (2, 5, []),
        (2, 5, [2, 4]),
        (2, 5, [2, 4, 3]),
        (2, 5, [2, 2, 3]),
        (2, 5, [3, 4, 5]),
        (2, 6, [2, 3, 4]),
        (2, 4, [2, 3, 4]),
        (6, 5, []),
        (-1, -1, []),
        (2**63, 2**63, []),
        (2, 2**62, [2, 3, 4]),
        (0, MAX_LEAVES + 1, list(range(MAX_LEAVES + 1))),
    ],
)
def test_checkpoint_whose_leaves_do_not_lead_to_its_size_cannot_be_made(
    previous: int, size: int, indexes: list[int]
) -> None:
    """Among them the log that leaves a leaf out of its list, or lists one twice."""
    leaves = tuple(leaf(index) for index in indexes)
    rejected(
        "CHECKPOINT_MALFORMED",
        lambda: Checkpoint(origin=LOG, size=size, root=bytes(32), previous=previous, leaves=leaves),
    )


@pytest.mark.parametrize("length", [0, 31, 33])
def test_cut_hashes_cannot_be_made(length: int) -> None:
    rejected("CHECKPOINT_MALFORMED", lambda: replace(checkpoint(), root=bytes(length)))
    rejected("CHECKPOINT_MALFORMED", lambda: replace(leaf(2), leaf_hash=bytes(length)))


@pytest.mark.parametrize(
    "event_id",
    ["", "0190A5B2-7C3D-7E4F-8A1B-000000000002", "0190a5b27c3d7e4f8a1b000000000002", "999 000 0018"],
)
def test_leaf_names_an_event_by_a_canonical_uuid_and_nothing_else(event_id: str) -> None:
    rejected("CHECKPOINT_MALFORMED", lambda: replace(leaf(2), event_id=event_id))


# ---------------------------------------------------------------- witnesses


def test_witness_is_added_below_the_log() -> None:
    value = add_signature(SIGNED, WITNESS_KEY, WITNESS)
    assert value.startswith(SIGNED)
    assert opened(value) == opened(value, required=WITNESS) == checkpoint()
    assert open_note(value, keys=KEYS, crypto=CRYPTO, required=LOG).signers == {LOG, WITNESS}


def test_cosigning_again_changes_nothing_and_mends_a_broken_line() -> None:
    once = add_signature(SIGNED, WITNESS_KEY, WITNESS)
    assert add_signature(once, WITNESS_KEY, WITNESS) == once
    blob = note_key_id(WITNESS, WITNESS_KEY.public_key) + bytes(64)
    broken = SIGNED + f"— {WITNESS} {b64encode(blob).decode()}\n".encode()
    assert add_signature(broken, WITNESS_KEY, WITNESS) == once


def test_new_key_of_the_same_name_is_added_beside_the_old_one() -> None:
    assert add_signature(SIGNED, STRANGER_KEY, LOG).startswith(SIGNED)


def test_witness_does_not_sign_an_envelope_digest_that_spells_a_note() -> None:
    """The same key signs 32-byte envelope digests; a checkpoint is longer than any of them."""
    digest = "a digest of thirty-one letters.\n"
    assert len(digest.encode()) == 32
    rejected("CHECKPOINT_MALFORMED", lambda: add_signature(signed(digest), WITNESS_KEY, WITNESS))
    assert len(checkpoint(origin="o", previous=0, size=0).text.encode()) > 32


def test_name_that_smuggles_in_a_whole_signature_line_is_refused() -> None:
    rejected("NOTE_MALFORMED", lambda: add_signature(SIGNED, WITNESS_KEY, f"x AAAAAAAA\n— {WITNESS}"))


# ---------------------------------------------------------------- reading


def test_checkpoint_of_another_log_is_refused_though_the_key_is_right() -> None:
    """One key, two logs: what is true of the test ledger says nothing of this one."""
    other = sign_checkpoint(checkpoint(origin="mash.northants/test"), LOG_KEY, LOG)
    rejected("CHECKPOINT_ORIGIN", lambda: opened(other))


def test_checkpoint_signed_by_another_key_of_the_same_name_is_refused() -> None:
    rejected("NOTE_UNSIGNED", lambda: opened(sign_checkpoint(checkpoint(), STRANGER_KEY, LOG)))


def test_text_is_looked_at_only_after_its_signatures_held() -> None:
    rejected("NOTE_UNSIGNED", lambda: opened(signed("nonsense\n", signer=STRANGER_KEY)))
    rejected("NOTE_SIGNATURE", lambda: opened(SIGNED.replace(b"previous", b"Previous")))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (TEXT, "nonsense\n"),
        (TEXT, f"{LOG}\n"),
        (TEXT, f"{LOG}\n0\n{ROOT}\n"),
        (TEXT, "\n" + TEXT),
        (TEXT, TEXT + "\n"),
        (TEXT, TEXT + " unknown\n"),
        (TEXT, TEXT + f"streams x\n{LEAF}\n"),
        (TEXT, TEXT + "streams x\nprevious 2\n"),
        (TEXT, TEXT + "streams x\n" * (MAX_EXTENSIONS + 1)),
        (TEXT, TEXT + LEAF + "\n"),
        (f"{LOG}\n", "\n"),
        (f"{LOG}\n", f"{LOG} \n"),
        *(("\n5\n", f"\n{size}\n") for size in ["4", "6", "05", "+5", " 5", "5_0", "٥", "0x5", "", "-5"]),
        ("\n5\n", "\n9223372036854775808\n"),
        ("\n5\n", "\n" + "9" * 5000 + "\n"),
        (ROOT, ROOT[:-1]),
        (ROOT, ROOT[:-2] + chr(ord(ROOT[-2]) + 1) + "="),
        (ROOT, b64encode(bytes(31)).decode()),
        (ROOT, b64encode(bytes(33)).decode()),
        *(("previous 2", f"previous {size}") for size in ["02", "1", "3", " 2", "٢", "2 ", "-2"]),
        ("previous 2", "Previous 2"),
        ("previous 2\n", ""),
        ("previous 2\n", "previous 2\nprevious 2\n"),
        (f"previous 2\n{LEAF}\n", f"{LEAF}\nprevious 2\n"),
        (f"{LEAF}\n", ""),
        (LEAF, f"{LEAF}\n{LEAF}"),
        (LEAF, f"{LEAF} "),
        (LEAF, LEAF[:-1]),
        (LEAF, LEAF[:-2] + chr(ord(LEAF[-2]) + 1) + "="),
        *(("leaf 2", f"leaf {index}") for index in ["02", "3", "٢", " 2"]),
        ("leaf 2 0190a5b2", "leaf 2 0190A5B2"),
        ("leaf 2 0190a5b2-7c3d", "leaf 2 0190a5b27c3d-"),
    ],
)
def test_signed_text_that_is_no_proper_checkpoint_is_refused(right: str, wrong: str) -> None:
    """Signed by the right key all the same: a log's mistakes and its second spellings are refused alike."""
    assert TEXT.count(right) == 1
    rejected("CHECKPOINT_MALFORMED", lambda: opened(signed(TEXT.replace(right, wrong))))


def test_line_that_a_later_release_adds_is_kept_and_passed_over() -> None:
    """A reader of today follows the log of tomorrow, and a witness signs the same bytes."""
    text = TEXT + "streams x\n" * MAX_EXTENSIONS
    found = opened(signed(text))
    assert found.extensions == ("streams x",) * MAX_EXTENSIONS
    assert (found.text, replace(found, extensions=())) == (text, opened(signed(TEXT)))


@pytest.mark.parametrize("spelling", ["012", "1٢", "1_2", "12 "])
def test_second_spelling_of_the_same_size_is_refused(spelling: str) -> None:
    text = checkpoint(size=12).text.replace("\n12\n", f"\n{spelling}\n")
    rejected("CHECKPOINT_MALFORMED", lambda: opened(signed(text)))


def test_signed_checkpoint_with_too_many_leaves_is_refused() -> None:
    text = checkpoint(previous=0, size=MAX_LEAVES).text
    longer = text.replace(f"\n{MAX_LEAVES}\n", f"\n{MAX_LEAVES + 1}\n") + leaf(MAX_LEAVES).line
    assert opened(signed(text)).size == MAX_LEAVES
    rejected("CHECKPOINT_MALFORMED", lambda: opened(signed(longer)))


@settings(deadline=None, max_examples=50)
@given(previous=st.integers(0, 2**63 - 9), count=st.integers(0, 8), root=st.binary(min_size=32, max_size=32))
def test_what_is_opened_is_spelled_as_it_was_signed(previous: int, count: int, root: bytes) -> None:
    made = replace(checkpoint(previous=previous, size=previous + count), root=root)
    value = sign_checkpoint(made, LOG_KEY, LOG)
    assert opened(value) == made
    assert value == signed(opened(value).text)
