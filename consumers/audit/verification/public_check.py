"""What anybody can check of the ledger without a key of ours: leaves, signatures, sequence numbers, checkpoints.

Promise: (1) each leaf is recomputed from header and hashes, and its signature is the key's that the signed directory
gives the sender; (2) each sender's numbers in each stream run 1, 2, 3: nothing was left out; (3) the checkpoints follow
one another from the first leaf to the last, each signed, each with the root, the leaves and the ends of the streams
that the leaves really have.
The online check and the check of a bundle both stand on this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import final

from broker.errors import RejectedError
from broker.exchange.directory import TrustedDirectory
from broker.exchange.envelope import digest_of_hashes
from broker.exchange.worker import FIRST_SEQUENCE
from broker.ports import Crypto
from broker.transparency.follow import ledger_name, open_own
from broker.transparency.merkle import MemoryNodes, leaf_hash, ledger_leaf, root_at
from broker.transparency.note import Checkpoint, StreamEnds
from consumers.audit.checkpoint import is_bare
from consumers.audit.verification.report import Findings, ProblemKind
from schemas.codec import MalformedError, decode
from schemas.exchange import Header
from schemas.topics import Family, topic_name
from schemas.vocabulary import Kind, PrincipalRole

UNREAD = bytes(32)
"""Stands for the hash of a leaf that is not there, so that those after it keep their index."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PublicLeaf:
    """The part of a leaf that anybody may hold: what was signed, by hashes, and the signature."""

    index: int
    header: bytes = field(repr=False)
    ciphertext_hash: bytes
    wraps_hash: bytes
    signature: bytes

    @property
    def digest(self) -> bytes:
        """The envelope's digest: what the signature is over."""
        return digest_of_hashes(self.header, self.ciphertext_hash, self.wraps_hash)

    @property
    def data(self) -> bytes:
        """The leaf data: the entry of the tiles."""
        return ledger_leaf(self.digest)

    @property
    def hash(self) -> bytes:
        """The leaf hash."""
        return leaf_hash(self.data)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLeaf:
    """What the checks of the checkpoints need of a leaf's header."""

    event_id: str
    stream: tuple[str, str]
    sequence: int

    @classmethod
    def of(cls, header: Header) -> NamedLeaf:
        """Take it from a header."""
        return cls(event_id=header.event_id, stream=(header.sender, header.stream), sequence=header.sequence)


@final
class Directories:
    """Every version of the directory that is at hand, each trusted already: keys of today and of years ago."""

    def __init__(self, versions: Iterable[TrustedDirectory]) -> None:
        self._versions = tuple(versions)
        self._digests = {one.directory.version: one.digest for one in self._versions}

    def signing_key(self, sender: str, key_id: str) -> bytes | None:
        """Return the key that any version gives this sender under this id (an id names one key: it is its hash)."""
        for version in self._versions:
            principal = version.principals.get(sender)
            for key in principal.signing_keys if principal else ():
                if key.key_id == key_id:
                    return key.public_key
        return None

    def ledger_keys(self) -> tuple[bytes, ...]:
        """Return every signing key that the audit principal ever had."""
        keys = {
            key.public_key: None
            for version in self._versions
            for principal in version.principals.values()
            if PrincipalRole.AUDIT in principal.roles
            for key in principal.signing_keys
        }
        return tuple(keys)

    def contradicts(self, version: int, digest: bytes) -> bool:
        """Return whether the version is at hand and is another one than this."""
        return self._digests.get(version, digest) != digest


@final
class LeafCheck:
    """Checks leaves one after another, in order."""

    def __init__(self, *, directories: Directories, partnership: str, crypto: Crypto, findings: Findings) -> None:
        self._directories = directories
        self._partnership = partnership
        self._crypto = crypto
        self._findings = findings
        self._sequences: dict[tuple[str, str], int] = {}

    def check(self, leaf: PublicLeaf) -> Header | None:
        """Return the leaf's header, with what is wrong added to the findings; None where it cannot be read."""
        try:
            header = decode(Header, leaf.header)
        except MalformedError:
            self._findings.add(ProblemKind.ALTERED_LEAF, "the header is not a canonical header", index=leaf.index)
            return None
        self._belongs(leaf.index, header)
        self._signed(leaf, header)
        self._follows(leaf.index, header)
        return header

    def _belongs(self, index: int, header: Header) -> None:
        topic = topic_name(self._partnership, Family.AUDIT)
        ours = (header.partnership, header.topic, header.kind) == (self._partnership, topic, Kind.AUDIT_EVENT)
        if not ours:
            self._findings.add(ProblemKind.ALTERED_LEAF, "not an audit event of this partnership", index=index)
        if self._directories.contradicts(header.directory_version, header.directory_digest):
            detail = f"it was sealed under another directory version {header.directory_version}"
            self._findings.add(ProblemKind.UNTRUSTED_DIRECTORY, detail, index=index)

    def _signed(self, leaf: PublicLeaf, header: Header) -> None:  # (1)
        key = self._directories.signing_key(header.sender, header.signing_key_id)
        if key is None:
            detail = f"no directory at hand gives {header.sender} the key {header.signing_key_id}"
            self._findings.add(ProblemKind.UNKNOWN_KEY, detail, index=leaf.index)
        elif not self._crypto.verify(key, leaf.signature, leaf.digest):
            detail = f"the signature of {header.sender} does not fit"
            self._findings.add(ProblemKind.BAD_SIGNATURE, detail, index=leaf.index)

    def _follows(self, index: int, header: Header) -> None:  # (2)
        stream = (header.sender, header.stream)
        expected = self._sequences.get(stream, FIRST_SEQUENCE - 1) + 1
        if header.sequence != expected:
            detail = f"{header.sender} {header.stream}: number {header.sequence} where {expected} follows"
            self._findings.add(ProblemKind.SEQUENCE_GAP, detail, index=index)
        self._sequences[stream] = header.sequence


@final
class ChainCheck:
    """Checks checkpoints one after another against the recomputed tree (3)."""

    def __init__(
        self,
        *,
        directories: Directories,
        partnership: str,
        crypto: Crypto,
        findings: Findings,
        nodes: MemoryNodes,
        named: Sequence[NamedLeaf | None],
    ) -> None:
        self._keys = directories.ledger_keys()
        self._origin = ledger_name(partnership)
        self._crypto = crypto
        self._findings = findings
        self._nodes = nodes
        self._named = named
        self._ends: dict[tuple[str, str], int] = {}
        self._counted = 0
        self._number = 0
        self._size = 0
        self._parted = False

    def check(self, note: bytes) -> Checkpoint | None:
        """Return the checkpoint that this note is, with what is wrong added to the findings; None if it is none."""
        self._number += 1
        try:
            checkpoint = open_own(note, origin=self._origin, public_keys=self._keys, crypto=self._crypto)
        except RejectedError as error:
            self._add(ProblemKind.ALTERED_CHECKPOINT, error.reason)
            return None
        if not is_bare(note, checkpoint):
            self._add(ProblemKind.ALTERED_CHECKPOINT, "more than its text and one signature")
        if checkpoint.previous != self._size:
            self._add(ProblemKind.MISSING_CHECKPOINT, f"it follows size {checkpoint.previous}, not {self._size}")
        self._size = checkpoint.size
        self._fits(checkpoint)
        return checkpoint

    @property
    def ends(self) -> StreamEnds:
        """Where the streams end, by the leaves that the checkpoints checked so far cover."""
        return self._ends

    def finish(self) -> None:
        """Say what the checkpoints leave uncovered."""
        if self._size < self._nodes.size:
            detail = f"no checkpoint covers the leaves from {self._size} on"
            self._findings.add(ProblemKind.MISSING_CHECKPOINT, detail, index=self._size)

    def _fits(self, checkpoint: Checkpoint) -> None:
        if checkpoint.size > self._nodes.size:
            detail = f"a checkpoint of size {checkpoint.size} was signed, and there are {self._nodes.size} leaves"
            self._findings.add(ProblemKind.MISSING_LEAF, detail, index=self._nodes.size)
            return
        if not self._parted and root_at(self._nodes, checkpoint.size) != checkpoint.root:
            self._parted = True  # so are all that follow, of course
            self._add(ProblemKind.ALTERED_CHECKPOINT, "from here on the roots are not those of the leaves")
        self._streams(checkpoint)
        for leaf in checkpoint.leaves:
            named = self._named[leaf.index]
            here = (named.event_id if named else None, self._nodes(0, leaf.index))
            if (leaf.event_id, leaf.leaf_hash) != here:
                detail = "the checkpoint that recorded it lists another leaf"
                self._findings.add(ProblemKind.ALTERED_LEAF, detail, index=leaf.index)

    def _streams(self, checkpoint: Checkpoint) -> None:
        for leaf in self._named[self._counted : checkpoint.size]:
            if leaf is not None:
                self._ends[leaf.stream] = leaf.sequence
        self._counted = max(self._counted, checkpoint.size)
        ends = checkpoint.ends_at(self._ends)
        if ends is False:
            self._add(ProblemKind.SEQUENCE_GAP, "the streams do not end where it says: a tail or a stream is missing")
        elif ends is None:
            self._add(ProblemKind.ALTERED_CHECKPOINT, "it does not say where the streams end")

    def _add(self, kind: ProblemKind, detail: str) -> None:
        self._findings.add(kind, f"checkpoint {self._number}: {detail}")
