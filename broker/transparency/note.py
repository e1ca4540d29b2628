"""Signed notes and the ledger's checkpoints: the only public, unsealed statements besides the directory.

Promise: `open_checkpoint` returns only what the required key signed, byte for byte, and looks at nothing in
the text before its signatures hold. A checkpoint has one spelling and lists every leaf new since the one
before: a reader sees that its own event is recorded, and can follow the tree without asking the log.

Source: https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint, Ed25519 (signature type 0x01).
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import takewhile
from typing import final

from broker.errors import RejectedError
from broker.ports import Crypto, Signer

MAX_NOTE_BYTES = 256 * 1024
MAX_SIGNATURES = 128
MAX_NAME_BYTES = 255
MAX_LEAVES = 1000
"""The most leaves that one checkpoint lists, and so the most that the ledger grows between two."""

MAX_EXTENSIONS = 16
"""The most lines of later releases that a checkpoint may carry."""

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_HASH_BYTES = 32
_MAX_SIZE = 2**63 - 1
_STREAMS = "streams "
_STREAMS_LABEL = b"mash1/streams"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NUMBER = r"(0|[1-9][0-9]{0,18})"
_HASH = r"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)"  # 32 bytes; the last letter carries four bits and two zeros
_UUID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_HEAD = re.compile(rf"([^\n]+)\n{_NUMBER}\n{_HASH}\nprevious {_NUMBER}\n")
_LEAF = re.compile(rf"leaf {_NUMBER} {_UUID} {_HASH}")
_EXTENSION = re.compile(r"(?!leaf|previous)\S[^\n]*")
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")


# ---------------------------------------------------------------- signed note


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and the names of those whose signatures on it were verified; made by `open_note` alone."""

    text: str
    signers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signature:
    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {_base64(self.key_id + self.value)}\n"


def note_key_id(name: str, public_key: bytes) -> bytes:
    """Return the 4 bytes by which a signature line names its key: it helps to find it and proves nothing."""
    return sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:_KEY_ID_BYTES]


def open_note(value: bytes, *, keys: Mapping[str, bytes], crypto: Crypto, required: str) -> Note:
    """Return the text that `required` signed, and who else in `keys` (name to raw Ed25519 public key) did.

    (1) the grammar holds; (2) signatures of unknown keys (name and key id) are passed over, as key rotation
    needs; (3) one of a known key must fit, whoever it is; (4) `required` is among them.
    Raises: RejectedError `NOTE_MALFORMED`, `NOTE_SIGNATURE`, `NOTE_UNSIGNED`.
    """
    text, signatures = _split(value)  # (1)
    message = text.encode()
    signers: set[str] = set()
    for signature in signatures:
        key = keys.get(signature.name)
        if key is None or signature.key_id != note_key_id(signature.name, key):
            continue  # (2)
        if not crypto.verify(key, signature.value, message):
            raise RejectedError("NOTE_SIGNATURE", f"the signature of {signature.name} does not fit")  # (3)
        signers.add(signature.name)
    if required not in signers:
        raise RejectedError("NOTE_UNSIGNED", f"not signed by the known key of {required}")  # (4)
    return Note(text=text, signers=frozenset(signers))


def add_signature(value: bytes, signer: Signer, name: str) -> bytes:
    """Return the checkpoint with a signature line more (a witness's), replacing any of the same name and key.

    It vouches for what is signed: open the checkpoint and check its consistency first.
    Raises: RejectedError `NOTE_MALFORMED`, `CHECKPOINT_MALFORMED`.
    """
    text, signatures = _split(value)
    # The same key signs the 32-byte digests of envelopes. A checkpoint is always longer; another text need
    # not be, and a witness that signs any text could be handed a digest to sign.
    _parse_checkpoint(text)
    own = _sign(text, signer, name)
    others = [each for each in signatures if (each.name, each.key_id) != (own.name, own.key_id)]
    return _join(text, [*others, own])


def _sign(text: str, signer: Signer, name: str) -> _Signature:
    if not _is_name(name):
        raise RejectedError("NOTE_MALFORMED", "a key name is empty, too long, or holds a space or a plus")
    return _Signature(name=name, key_id=note_key_id(name, signer.public_key), value=signer.sign(text.encode()))


def _join(text: str, signatures: list[_Signature]) -> bytes:
    value = (text + "\n" + "".join(each.line for each in signatures)).encode()
    _split(value)  # what we would refuse to open never leaves
    return value


def _split(value: bytes) -> tuple[str, list[_Signature]]:
    """Take a note apart at its last blank line; all before it is text, even if it looks like signatures."""
    note = _note_text(value)
    text, _, block = note.rpartition("\n\n")
    lines = block.split("\n")
    if not text or lines[-1] or len(lines) < 2:
        raise RejectedError("NOTE_MALFORMED", "not a text, a blank line and signature lines")
    if len(lines) - 1 > MAX_SIGNATURES:
        raise RejectedError("NOTE_MALFORMED", f"more than {MAX_SIGNATURES} signatures")
    return text + "\n", [_parse_signature(line) for line in lines[:-1]]


def _note_text(value: bytes) -> str:
    if len(value) > MAX_NOTE_BYTES:
        raise RejectedError("NOTE_MALFORMED", f"longer than {MAX_NOTE_BYTES} bytes")
    try:
        note = value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RejectedError("NOTE_MALFORMED", "not UTF-8") from error
    if _CONTROL.search(note):
        raise RejectedError("NOTE_MALFORMED", "holds a control character")
    return note


def _parse_signature(line: str) -> _Signature:
    match = _SIGNATURE.fullmatch(line)
    if match is None or not _is_name(match[1]):
        raise RejectedError("NOTE_MALFORMED", "a signature line is not: em dash, name, base64")
    value = _strict_base64(match[2])
    if value is None or len(value) <= _KEY_ID_BYTES:
        raise RejectedError("NOTE_MALFORMED", "a signature is not strict base64 of a key id and a signature")
    return _Signature(name=match[1], key_id=value[:_KEY_ID_BYTES], value=value[_KEY_ID_BYTES:])


def _is_name(name: str) -> bool:
    """Key names and origins: no Unicode space or control character, no plus, not empty."""
    plain = not any(character.isspace() or character < " " or character == "+" for character in name)
    return plain and 0 < len(name.encode()) <= MAX_NAME_BYTES


def _base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _strict_base64(word: str) -> bytes | None:
    """Decode the one right spelling; Python also takes stray bits in the last letter, so notes could vary."""
    try:
        value = b64decode(word, validate=True)
    except ValueError:
        return None
    return value if _base64(value) == word else None


# ---------------------------------------------------------------- checkpoint


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointLeaf:
    """One leaf that is new since the previous checkpoint: its index and its RFC 6962 leaf hash (32 bytes).

    `event_id` is the audit event's UUID in canonical text. Raises: RejectedError `CHECKPOINT_MALFORMED`.
    """

    index: int
    event_id: str
    leaf_hash: bytes

    def __post_init__(self) -> None:
        if len(self.leaf_hash) != _HASH_BYTES or not re.fullmatch(_UUID, self.event_id):
            raise RejectedError("CHECKPOINT_MALFORMED", "a leaf without a canonical event id or a whole hash")

    @property
    def line(self) -> str:
        """The extension line, with its newline."""
        return f"leaf {self.index} {self.event_id} {_base64(self.leaf_hash)}\n"


StreamEnds = Mapping[tuple[str, str], int]
"""The last number of each (sender, stream) that a ledger holds."""


def streams_line(ends: StreamEnds) -> str:
    """Return the extension line that says where each stream ends (SEQ-5): how many there are, and one digest."""
    body = b"".join(
        f"{sender}\0{stream}\0".encode() + last.to_bytes(8, "big") for (sender, stream), last in sorted(ends.items())
    )
    return f"{_STREAMS}{len(ends)} {_base64(sha256(_STREAMS_LABEL + body).digest())}"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The ledger of `origin` at `size` leaves, with root hash `root` (32 bytes).

    `leaves` are all those from `previous`, the size of the checkpoint before, up to `size`, in order. `extensions` are
    the lines after them: where the streams end, and what this release does not know, which is kept and passed over.
    Raises: RejectedError `CHECKPOINT_MALFORMED`.
    """

    origin: str
    size: int
    root: bytes
    previous: int
    leaves: tuple[CheckpointLeaf, ...]
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A leaf left out or listed twice: some receivers would see themselves recorded, others never would.
        if any(leaf.index != self.previous + place for place, leaf in enumerate(self.leaves)):
            raise RejectedError("CHECKPOINT_MALFORMED", "leaves are not numbered on from the previous size")
        if self.previous < 0 or self.previous + len(self.leaves) != self.size or self.size > _MAX_SIZE:
            raise RejectedError("CHECKPOINT_MALFORMED", "the leaves do not lead from the previous size to this one")
        if len(self.leaves) > MAX_LEAVES:
            raise RejectedError("CHECKPOINT_MALFORMED", f"more than {MAX_LEAVES} leaves")
        if len(self.extensions) > MAX_EXTENSIONS or not all(map(_EXTENSION.fullmatch, self.extensions)):
            raise RejectedError("CHECKPOINT_MALFORMED", "too many extension lines, or one that is empty or a leaf")
        if len(self.root) != _HASH_BYTES or not _is_name(self.origin):
            raise RejectedError("CHECKPOINT_MALFORMED", "no whole root hash, or no proper origin")

    def ends_at(self, ends: StreamEnds) -> bool | None:
        """Return whether the streams end there when this was signed; None where the checkpoint does not say.

        A stranger who was shown some headers and a list of ends finds here that a tail or a whole stream is missing.
        """
        said = [line for line in self.extensions if line.startswith(_STREAMS)]
        return said == [streams_line(ends)] if said else None

    @property
    def text(self) -> str:
        """The note text: origin, size, root, then the lines `previous` and `leaf`, then the extension lines."""
        head = f"{self.origin}\n{self.size}\n{_base64(self.root)}\nprevious {self.previous}\n"
        return head + "".join(leaf.line for leaf in self.leaves) + "".join(f"{line}\n" for line in self.extensions)


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer, name: str) -> bytes:
    """Return the checkpoint as a note signed under `name` (for the log itself: the origin).

    Sign no two that are not consistent: store the bytes first, then publish those.
    Raises: RejectedError `NOTE_MALFORMED`.
    """
    return _join(checkpoint.text, [_sign(checkpoint.text, signer, name)])


def open_checkpoint(
    value: bytes, *, origin: str, keys: Mapping[str, bytes], crypto: Crypto, required: str
) -> Checkpoint:
    """Return the checkpoint that the key named `required` signed for the log `origin`; see `open_note`.

    Raises: RejectedError `NOTE_MALFORMED`, `NOTE_SIGNATURE`, `NOTE_UNSIGNED`, `CHECKPOINT_MALFORMED`,
    `CHECKPOINT_ORIGIN` (signed, but for another log).
    """
    note = open_note(value, keys=keys, crypto=crypto, required=required)
    checkpoint = _parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise RejectedError("CHECKPOINT_ORIGIN", f"not a checkpoint of {origin}")
    return checkpoint


def _parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note whose signatures hold. The grammar leaves each value one spelling."""
    head = _HEAD.match(text)
    if head is None:
        raise RejectedError("CHECKPOINT_MALFORMED", "not an origin, a size, a root hash and a previous size")
    lines = text[head.end() :].split("\n")[:-1]
    leaves = tuple(takewhile(_is_leaf, lines))
    return Checkpoint(
        origin=head[1],
        size=int(head[2]),
        root=b64decode(head[3]),
        previous=int(head[4]),
        leaves=tuple(_parse_leaf(line) for line in leaves),
        extensions=tuple(lines[len(leaves) :]),
    )


def _is_leaf(line: str) -> bool:
    return line.startswith("leaf")


def _parse_leaf(line: str) -> CheckpointLeaf:
    match = _LEAF.fullmatch(line)
    if match is None:
        raise RejectedError("CHECKPOINT_MALFORMED", "a leaf line that is not one")
    return CheckpointLeaf(index=int(match[1]), event_id=match[2], leaf_hash=b64decode(match[3]))
