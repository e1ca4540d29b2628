"""The contents of a bundle, and the one set of files that they make.

Promise: `files_of` depends on the contents alone, and `contents_of` reads only what cannot be derived. Comparing
`files_of(contents_of(files))` with `files` therefore checks every tile, name and redundant word in the bundle.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError
from broker.transparency.follow import ledger_name
from broker.transparency.merkle import MemoryNodes
from consumers.audit.checkpoint import FIRST_NUMBER
from consumers.audit.export.tiles import write_tiles
from consumers.audit.verification.public_check import PublicLeaf
from schemas.codec import MalformedError, decode
from schemas.directory import Directory, SignedDirectory
from schemas.exchange import Header

FORMAT = "mash-ledger-bundle/1"
MANIFEST, LEAVES, LATEST, README = "manifest.json", "leaves.jsonl", "checkpoint", "README.txt"
_CHECKPOINTS, _DIRECTORY = "checkpoints/", "directory/"

README_TEXT = """\
AUDIT LEDGER OF A SAFEGUARDING PARTNERSHIP

This file holds every entry of the ledger up to one moment: who told whom what kind of thing, when, in which order, as
signed by each organisation. It holds no content: what was said is here by its SHA-256 only, and no person and no case
is named. Nothing in this file is secret, and nothing in it is to be believed: check it.

With the product:    mash ledger verify --bundle FILE

By hand, with any tool for SHA-256 and Ed25519:

1. manifest.json names the root keys. Take SHA-256 of each, and compare it with what that organisation tells you by
   another way (telephone, letter). All that follows stands on two such keys of different organisations.
2. directory/ has the signed directory, version by version (Avro, schema signed_directory.v1.avsc). Two roots signed
   "mash1/directory" followed by SHA-256 of the field "directory". It gives every organisation's signing keys, and those
   of the audit service.
3. checkpoint is a signed note (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint): the name of the log,
   the number of leaves, the root hash. The audit service's key signed the text above the empty line. checkpoints/ has
   all of them since the first; each begins where the one before it ended, and lists the leaves that it added.
4. leaves.jsonl has a line for each leaf. Its digest is SHA-256 over "mash1/envelope", SHA-256 of the header,
   ciphertext_sha256 and wraps_sha256; "signature" is the sender's Ed25519 signature over that digest. The header (Avro,
   header.v1.avsc) says who sent it, its number in the sender's stream, and the hashes of its two parts. In each stream
   the numbers run 1, 2, 3: none is left out.
5. The leaf is the byte 01 and the digest: entry number "index" under tile/entries/. The other files under tile/ are the
   hashes of the tree (RFC 6962, https://c2sp.org/tlog-tiles). They lead to the root hash in the checkpoint.
"""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that a bundle is made from. Directories are the signed bytes as published, by rising version."""

    partnership: str
    roots: tuple[tuple[str, bytes], ...]
    directories: tuple[bytes, ...] = field(repr=False)
    notes: tuple[bytes, ...] = field(repr=False)
    leaves: tuple[PublicLeaf, ...] = field(repr=False)


def files_of(contents: Contents) -> dict[str, bytes]:
    """Return every file, name to bytes. Raises: RejectedError `BUNDLE_MALFORMED` for directories that are none."""
    nodes = MemoryNodes(leaf.hash for leaf in contents.leaves)
    files = write_tiles(nodes, [leaf.data for leaf in contents.leaves], size=len(contents.leaves))
    files[README] = README_TEXT.encode()
    files[MANIFEST] = _manifest(contents)
    files[LEAVES] = b"".join(_line(leaf) for leaf in contents.leaves)
    files[LATEST] = contents.notes[-1]
    for number, note in enumerate(contents.notes, FIRST_NUMBER):
        files[f"{_CHECKPOINTS}{number:08d}"] = note
    for signed in contents.directories:
        files[f"{_DIRECTORY}directory-{_version(signed):08d}.avro"] = signed
    return files


def contents_of(files: Mapping[str, bytes]) -> Contents:
    """Read a bundle's files. Raises: RejectedError `BUNDLE_MALFORMED`, `BUNDLE_FORMAT` (made by another release)."""
    missing = {MANIFEST, LEAVES, LATEST} - files.keys()
    if missing:
        raise RejectedError("BUNDLE_MALFORMED", f"{min(missing)} is missing")
    manifest = _json(files[MANIFEST])
    if manifest.get("format") != FORMAT:
        raise RejectedError("BUNDLE_FORMAT", f"not {FORMAT}")
    roots = manifest.get("roots")
    if not isinstance(roots, dict):
        raise RejectedError("BUNDLE_MALFORMED", "the manifest names no roots")
    contents = Contents(
        partnership=_text(manifest, "partnership"),
        roots=tuple((str(name), _hex(roots, name)) for name in sorted(roots)),
        directories=_under(files, _DIRECTORY),
        notes=_under(files, _CHECKPOINTS),
        leaves=tuple(_leaf(index, line) for index, line in enumerate(files[LEAVES].splitlines())),
    )
    if not contents.notes or not contents.leaves:
        raise RejectedError("BUNDLE_MALFORMED", "no checkpoint, or no leaf")
    return contents


def _manifest(contents: Contents) -> bytes:
    document = {
        "format": FORMAT,
        "log": ledger_name(contents.partnership),
        "partnership": contents.partnership,
        "roots": {name: key.hex() for name, key in contents.roots},
        "size": len(contents.leaves),
    }
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


def _line(leaf: PublicLeaf) -> bytes:
    try:
        header = decode(Header, leaf.header)
        words = {
            "event_id": header.event_id,
            "sender": header.sender,
            "stream": header.stream,
            "sequence": header.sequence,
        }
    except MalformedError:
        words = {}  # exported as it is, evidence of what was done to it
    document = {
        "index": leaf.index,
        **words,
        "header": b64encode(leaf.header).decode(),
        "ciphertext_sha256": leaf.ciphertext_hash.hex(),
        "wraps_sha256": leaf.wraps_hash.hex(),
        "signature": leaf.signature.hex(),
    }
    return (json.dumps(document) + "\n").encode()


def _leaf(index: int, line: bytes) -> PublicLeaf:
    document = _json(line)
    try:
        header = b64decode(_text(document, "header"), validate=True)
    except binascii.Error:
        raise RejectedError("BUNDLE_MALFORMED", f"leaf {index}: the header is not base64") from None
    return PublicLeaf(
        index=index,
        header=header,
        ciphertext_hash=_hex(document, "ciphertext_sha256"),
        wraps_hash=_hex(document, "wraps_sha256"),
        signature=_hex(document, "signature"),
    )


def _under(files: Mapping[str, bytes], folder: str) -> tuple[bytes, ...]:
    return tuple(files[name] for name in sorted(files) if name.startswith(folder))


def _version(signed: bytes) -> int:
    try:
        return decode(Directory, decode(SignedDirectory, signed).directory).version
    except MalformedError as error:
        raise RejectedError("BUNDLE_MALFORMED", f"directory: {error}") from None


def _json(data: bytes) -> dict[str, object]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise RejectedError("BUNDLE_MALFORMED", "not JSON") from None
    if not isinstance(document, dict):
        raise RejectedError("BUNDLE_MALFORMED", "not a JSON object")
    return document


def _text(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str):
        raise RejectedError("BUNDLE_MALFORMED", f"no text under {key}")
    return value


def _hex(document: Mapping[str, object], key: str) -> bytes:
    try:
        return bytes.fromhex(_text(document, key))
    except ValueError:
        raise RejectedError("BUNDLE_MALFORMED", "not hex") from None
