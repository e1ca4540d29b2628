"""The bundle: one file that lets a stranger check the whole ledger, offline, trusting nobody but two root keys.

`export_bundle` writes what anybody may know: headers, hashes, signatures, tree, checkpoints, directories; no part, no
key, opened or sealed. `verify_bundle` derives all of it again: (1) the file is the one spelling of its contents, every
tile and name included; (2) each directory is signed by two roots, and by nobody whom the reader could not check;
(3) leaves, sequence numbers and checkpoints as in `public`. Any changed byte is a problem, or makes it unreadable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from broker.errors import RejectedError, UsageError
from broker.exchange.directory import DIRECTORY_LABEL, TrustedDirectory, trust
from broker.exchange.envelope import sha256
from broker.ports import Crypto, Database
from broker.transparency.merkle import MemoryNodes, root_at
from consumers.audit.checkpoint import FIRST_NUMBER, last_issued
from consumers.audit.export.archive import read_archive, write_archive
from consumers.audit.export.contents import Contents, contents_of, files_of
from consumers.audit.tables import PAGE, blob, checkpoint_rows, leaf_of, leaf_rows
from consumers.audit.verification.public_check import ChainCheck, Directories, LeafCheck, NamedLeaf, PublicLeaf
from consumers.audit.verification.report import Findings, LedgerReport, ProblemKind
from schemas.codec import decode
from schemas.directory import SignedDirectory


def export_bundle(
    path: Path,
    *,
    database: Database,
    partnership: str,
    directories: Sequence[bytes],
    roots: Mapping[str, bytes],
    crypto: Crypto,
) -> LedgerReport:
    """Write the ledger as far as its last checkpoint to `path`, and return what a stranger will find in it.

    `directories` are all signed versions as published; `roots` the pinned root keys (raw) by organisation. A ledger
    that was altered is exported as it is, as evidence; the report says so.
    Raises: UsageError where the ledger is empty or the file cannot be written; RejectedError for rows that cannot be
    read at all (`ROW_MALFORMED`, `LEAF_MISSING`, `DATABASE_DAMAGED`) and for directories that are none.
    """
    with database.transaction() as transaction:
        number, size = last_issued(transaction)
    if not size:
        raise UsageError("the ledger is empty: there is nothing to export")
    contents = Contents(
        partnership=partnership,
        roots=tuple(sorted(roots.items())),
        directories=tuple(directories),
        notes=tuple(_notes(database, number)),
        leaves=tuple(_leaves(database, size)),
    )
    write_archive(path, files_of(contents))
    return verify_bundle(path, roots=roots, crypto=crypto)


def verify_bundle(path: Path, *, roots: Mapping[str, bytes] | None, crypto: Crypto) -> LedgerReport:
    """Check a bundle against root keys (raw, by organisation); None takes those that it carries.

    Then the report's notes give their fingerprints, for the reader to compare by another way.

    Raises: UsageError where there is no such file; RejectedError `BUNDLE_UNREADABLE`, `BUNDLE_ALTERED`,
    `BUNDLE_MALFORMED`, `BUNDLE_FORMAT`.
    """
    files = read_archive(path)
    contents = contents_of(files)
    findings = Findings()
    for problem in _strange(files, files_of(contents)):  # (1)
        findings.add(ProblemKind.ALTERED_BUNDLE, problem)
    return _check(contents, roots=roots, crypto=crypto, findings=findings)


def _check(
    contents: Contents, *, roots: Mapping[str, bytes] | None, crypto: Crypto, findings: Findings
) -> LedgerReport:
    carried = dict(contents.roots)
    pins = carried if roots is None else roots
    _tell_roots(carried, roots, findings)
    trusted = _trusted(contents, carried=carried, pins=pins, crypto=crypto, findings=findings)  # (2)
    keys = Directories(trusted)
    check = LeafCheck(directories=keys, partnership=contents.partnership, crypto=crypto, findings=findings)
    headers = [check.check(leaf) for leaf in contents.leaves]  # (3)
    nodes = MemoryNodes(leaf.hash for leaf in contents.leaves)
    chain = ChainCheck(
        directories=keys,
        partnership=contents.partnership,
        crypto=crypto,
        findings=findings,
        nodes=nodes,
        named=[NamedLeaf.of(header) if header else None for header in headers],
    )
    for note in contents.notes:
        chain.check(note)
    chain.finish()
    return findings.report(size=nodes.size, root=root_at(nodes, nodes.size))


def _tell_roots(carried: Mapping[str, bytes], roots: Mapping[str, bytes] | None, findings: Findings) -> None:
    for name, key in carried.items():
        if roots is None:
            findings.note(f"root key of {name}: SHA-256 {sha256(key).hex()}; compare it by another way")
        elif name in roots and roots[name] != key:
            findings.add(ProblemKind.UNTRUSTED_DIRECTORY, f"it carries another root key of {name}")
    if roots is not None:
        findings.note("checked against the root keys that were given")


def _trusted(
    contents: Contents,
    *,
    carried: Mapping[str, bytes],
    pins: Mapping[str, bytes],
    crypto: Crypto,
    findings: Findings,
) -> Iterator[TrustedDirectory]:
    for signed in contents.directories:
        try:
            one = trust(signed, partnership=contents.partnership, roots=pins, seen=(0, None), crypto=crypto, now=None)
        except RejectedError as error:
            findings.add(ProblemKind.UNTRUSTED_DIRECTORY, str(error))
            continue
        if not _every_signature(signed, {**carried, **pins}, crypto):
            detail = f"version {one.directory.version} carries a signature that cannot be checked"
            findings.add(ProblemKind.UNTRUSTED_DIRECTORY, detail)
        yield one


def _every_signature(signed: bytes, roots: Mapping[str, bytes], crypto: Crypto) -> bool:
    # Two good ones make it trusted; a third that nobody can check would be bytes that may change unseen.
    outer = decode(SignedDirectory, signed)
    message = DIRECTORY_LABEL + sha256(outer.directory)
    return all(
        one.organisation in roots
        and one.key_id == sha256(roots[one.organisation]).hex()[: len(one.key_id)]
        and crypto.verify(roots[one.organisation], one.signature, message)
        for one in outer.signatures
    )


def _strange(files: Mapping[str, bytes], expected: Mapping[str, bytes]) -> Iterator[str]:
    for name in sorted(expected):
        if files.get(name) != expected[name]:
            yield f"{name} is missing, or is not what follows from the rest"
    surplus = len(files.keys() - expected.keys())
    if surplus:
        yield f"{surplus} files do not belong"  # their names are somebody else's words


def _notes(database: Database, last: int) -> Iterator[bytes]:
    for first in range(FIRST_NUMBER, last + 1, PAGE):
        with database.transaction() as transaction:
            rows = checkpoint_rows(transaction, first, most=min(PAGE, last + 1 - first))
        yield from (blob(row[2]) for row in rows)


def _leaves(database: Database, size: int) -> Iterator[PublicLeaf]:
    for first in range(0, size, PAGE):
        end = min(first + PAGE, size)
        with database.transaction() as transaction:
            rows = [leaf_of(row) for row in leaf_rows(transaction, first, end)]
        if [row.index for row in rows] != list(range(first, end)):
            raise RejectedError("LEAF_MISSING", f"between {first} and {end - 1}")
        for row in rows:
            yield PublicLeaf(
                index=row.index,
                header=row.header,
                ciphertext_hash=row.ciphertext_hash,
                wraps_hash=row.wraps_hash,
                signature=row.signature,
            )
