"""Signed notes against altered bytes, borrowed names and loose spellings."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.adapters.crypto import FileSigner, Mash1Crypto
from broker.errors import RejectedError
from broker.transparency.note import MAX_NOTE_BYTES, MAX_SIGNATURES, Note, note_key_id, open_note

LOG = "mash.northants/ledger"
WITNESS = "mash.northants/police"
STRANGER = "somebody.example"
CRYPTO = Mash1Crypto()
LOG_KEY, WITNESS_KEY, STRANGER_KEY = (FileSigner(bytes([number]) * 32) for number in (1, 2, 3))
KEYS = {LOG: LOG_KEY.public_key, WITNESS: WITNESS_KEY.public_key}
TEXT = "A ledger of five leaves.\nIts root: none.\n"


def line(signer: FileSigner, name: str, *, text: str = TEXT) -> str:
    """The signature line that `signer` honestly makes under this name."""
    return blob_line(name, note_key_id(name, signer.public_key) + signer.sign(text.encode()))


def blob_line(name: str, blob: bytes) -> str:
    return f"— {name} {b64encode(blob).decode()}\n"


LINE = line(LOG_KEY, LOG)
BLOB = LINE.split(" ")[2].removesuffix("\n")
SIGNED = f"{TEXT}\n{LINE}"


def opened(value: str | bytes, *, keys: dict[str, bytes] | None = None, required: str = LOG) -> Note:
    raw = value.encode() if isinstance(value, str) else value
    return open_note(raw, keys=KEYS if keys is None else keys, crypto=CRYPTO, required=required)


def rejected(reason: str, call: Callable[[], object]) -> None:
    with pytest.raises(RejectedError) as caught:
        call()
    assert caught.value.reason == reason


# ---------------------------------------------------------------- the published vectors


def test_note_of_the_go_implementation_opens() -> None:
    """The example of golang.org/x/mod/sumdb/note, whose key is PeterNeumann+c74f20a3+ARpc..."""
    key = b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").removeprefix(b"\x01")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    blob = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    assert note_key_id("PeterNeumann", key).hex() == "c74f20a3"
    note = opened(f"{text}\n— PeterNeumann {blob}\n", keys={"PeterNeumann": key}, required="PeterNeumann")
    assert note == Note(text=text, signers=frozenset({"PeterNeumann"}))


def test_key_id_is_that_of_the_go_checksum_database() -> None:
    """sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"""
    key = b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8").removeprefix(b"\x01")
    assert note_key_id("sum.golang.org", key).hex() == "033de0ae"


# ---------------------------------------------------------------- signatures


def test_signed_note_opens_to_its_text_and_its_signer() -> None:
    assert opened(SIGNED) == Note(text=TEXT, signers=frozenset({LOG}))


@settings(deadline=None, max_examples=300)
@given(place=st.integers(0, len(SIGNED.encode()) - 1), other=st.integers(1, 255))
def test_any_changed_byte_of_a_note_is_rejected(place: int, other: int) -> None:
    value = bytearray(SIGNED.encode())
    value[place] ^= other
    with pytest.raises(RejectedError, match=r"^NOTE_"):
        opened(bytes(value))


@settings(deadline=None, max_examples=200)
@given(value=st.binary(max_size=300) | st.text(alphabet="—\n ab+/=0\u2028é", max_size=60).map(str.encode))
def test_stray_bytes_never_open_and_never_crash(value: bytes) -> None:
    with pytest.raises(RejectedError, match=r"^NOTE_"):
        opened(value)


def test_changed_text_under_a_known_signature_is_rejected() -> None:
    rejected("NOTE_SIGNATURE", lambda: opened(SIGNED.replace("five", "six")))


def test_other_key_of_the_same_name_is_unknown() -> None:
    """Anybody may call itself by the log's name; the key id then differs, and the line counts for nothing."""
    rejected("NOTE_UNSIGNED", lambda: opened(f"{TEXT}\n{line(STRANGER_KEY, LOG)}"))


def test_other_key_that_claims_the_name_and_the_key_id_is_rejected() -> None:
    blob = note_key_id(LOG, LOG_KEY.public_key) + STRANGER_KEY.sign(TEXT.encode())
    rejected("NOTE_SIGNATURE", lambda: opened(f"{TEXT}\n{blob_line(LOG, blob)}"))


def test_signature_carried_over_to_another_name_is_unknown() -> None:
    """The name is part of the key id: a witness's signature does not stand in for the log's."""
    rejected("NOTE_UNSIGNED", lambda: opened(f"{TEXT}\n{line(WITNESS_KEY, LOG)}"))
    rejected("NOTE_UNSIGNED", lambda: opened(SIGNED.replace(LOG, WITNESS), required=WITNESS))


def test_signature_of_another_type_is_unknown() -> None:
    """A key id made for type 0x04 (timestamped witness) names another key, though the signature would fit."""
    key_id = sha256(LOG.encode() + b"\n\x04" + LOG_KEY.public_key).digest()[:4]
    blob = key_id + LOG_KEY.sign(TEXT.encode())
    rejected("NOTE_UNSIGNED", lambda: opened(f"{TEXT}\n{blob_line(LOG, blob)}"))


def test_unknown_signatures_are_passed_over_whatever_their_type() -> None:
    """So that witnesses may sign whom this reader does not know, with algorithms it does not know."""
    value = SIGNED + line(STRANGER_KEY, STRANGER) + blob_line(STRANGER, bytes(2424)) + blob_line(LOG, bytes(5))
    assert opened(value).signers == {LOG}


def test_log_in_the_middle_of_a_key_change_opens_for_old_and_new_readers() -> None:
    value = SIGNED + line(STRANGER_KEY, LOG)
    assert opened(value).text == opened(value, keys={LOG: STRANGER_KEY.public_key}).text == TEXT


def test_required_signer_is_required_though_another_known_one_signed() -> None:
    rejected("NOTE_UNSIGNED", lambda: opened(SIGNED, required=WITNESS))
    rejected("NOTE_UNSIGNED", lambda: opened(f"{TEXT}\n{line(WITNESS_KEY, WITNESS)}"))


def test_without_any_key_nothing_opens() -> None:
    rejected("NOTE_UNSIGNED", lambda: opened(SIGNED, keys={}))


def test_one_bad_signature_of_a_known_witness_spoils_the_note() -> None:
    bad = line(WITNESS_KEY, WITNESS, text="Another text.\n")
    rejected("NOTE_SIGNATURE", lambda: opened(SIGNED + bad))
    rejected("NOTE_SIGNATURE", lambda: opened(SIGNED + line(WITNESS_KEY, WITNESS) + bad))


def test_witnesses_are_named_only_when_their_signature_holds() -> None:
    value = SIGNED + line(WITNESS_KEY, WITNESS) + line(STRANGER_KEY, STRANGER)
    assert opened(value).signers == {LOG, WITNESS}


def test_small_order_key_signs_nothing() -> None:
    """Under the neutral point one constant signature fits every message."""
    neutral = b"\x01" + bytes(31)
    value = f"{TEXT}\n{blob_line(LOG, note_key_id(LOG, neutral) + neutral + bytes(32))}"
    rejected("NOTE_SIGNATURE", lambda: opened(value, keys={LOG: neutral}))


# ---------------------------------------------------------------- the grammar


@pytest.mark.parametrize(
    "value",
    [
        "",
        "\n",
        "\n\n",
        TEXT,
        TEXT + "\n",
        TEXT + LINE,
        "\n\n" + LINE,
        SIGNED.removesuffix("\n"),
        (SIGNED + LINE).removesuffix("\n"),
        SIGNED + "\n",
        SIGNED + "\ntrailing\n",
        SIGNED + "trailing\n",
        SIGNED.replace("— ", "- "),
        SIGNED.replace("— ", "– "),
        SIGNED.replace("— ", "—"),
        SIGNED.replace("— ", "—  "),
        SIGNED.replace("— ", " — "),
        SIGNED.replace(f" {BLOB}", f"  {BLOB}"),
        SIGNED.replace(f" {BLOB}", f"\u00a0{BLOB}"),
        SIGNED.replace(f" {BLOB}", f" {BLOB} "),
        SIGNED.replace(f"— {LOG}", "— a+b"),
        SIGNED.replace(f"— {LOG}", "— "),
        SIGNED.replace(f"— {LOG}", "— " + "w" * 256),
        SIGNED.replace("\n", "\r\n"),
        SIGNED.replace("five", "\tfive"),
        SIGNED.replace("five", "\x00five"),
        SIGNED.replace("five", "\x1ffive"),
    ],
)
def test_note_outside_the_grammar_is_refused(value: str) -> None:
    rejected("NOTE_MALFORMED", lambda: opened(value))


@pytest.mark.parametrize(
    "blob",
    [
        "",
        "=",
        BLOB[:-1],
        BLOB + "=",
        BLOB.rstrip("="),
        BLOB[:10] + "-" + BLOB[11:],
        BLOB[:10] + "\u00e9" + BLOB[11:],
        BLOB[:-2] + chr(ord(BLOB[-2]) + 1) + "=",
        "AAAA",
        "AAAAAA==",
    ],
    ids=["none", "pad", "cut", "padded", "bare", "url-safe", "letter", "stray bits", "3 bytes", "4 bytes"],
)
def test_loose_base64_is_refused(blob: str) -> None:
    """Two spellings of one signature would make two notes of one."""
    assert blob != BLOB
    rejected("NOTE_MALFORMED", lambda: opened(f"{TEXT}\n— {LOG} {blob}\n"))


def test_note_that_is_not_utf8_is_refused() -> None:
    rejected("NOTE_MALFORMED", lambda: opened(b"\xff" + SIGNED.encode()))


def test_note_beyond_the_limits_is_refused() -> None:
    within = LINE + line(STRANGER_KEY, STRANGER) * (MAX_SIGNATURES - 1)
    assert opened(f"{TEXT}\n{within}").signers == {LOG}
    rejected("NOTE_MALFORMED", lambda: opened(f"{TEXT}\n{within}{line(STRANGER_KEY, STRANGER)}"))
    rejected("NOTE_MALFORMED", lambda: opened("x" * (MAX_NOTE_BYTES + 1 - len(SIGNED.encode())) + SIGNED))
    # One byte less is inside, and only then is the signature found not to fit.
    rejected("NOTE_SIGNATURE", lambda: opened("x" * (MAX_NOTE_BYTES - len(SIGNED.encode())) + SIGNED))


def test_signature_block_inside_the_text_lends_its_name_to_nothing() -> None:
    """Only what follows the last blank line are signatures; all before it is the stranger's text."""
    text = f"{SIGNED}\nand below it, what the stranger adds\n"
    value = f"{text}\n{line(STRANGER_KEY, STRANGER, text=text)}"
    rejected("NOTE_UNSIGNED", lambda: opened(value))
    note = opened(value, keys=KEYS | {STRANGER: STRANGER_KEY.public_key}, required=STRANGER)
    assert note == Note(text=text, signers=frozenset({STRANGER}))


def test_text_may_hold_blank_lines() -> None:
    text = "\nIts first line is blank.\n\n\nSo is its last.\n\n"
    assert opened(f"{text}\n{line(LOG_KEY, LOG, text=text)}").text == text
