"""The demonstration's forger: changes one byte in a copy of the bundle, and one in a copy of the ledger's database.

The byte in the database lies inside a signed leaf: a forger who has the file changes evidence, not free space.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

from broker.application.ledger import LedgerReport, verified_bundle, verified_ledger
from broker.application.session import Home, open_home
from broker.bootstrap.principal import store_file
from broker.bootstrap.stores import Store
from schemas.vocabulary import PrincipalRole


def tampered_bundle(bundle: Path, scratch: Path) -> LedgerReport:
    """Return a stranger's report over a copy of the bundle with one byte changed."""
    copy = scratch / "tampered.bundle"
    shutil.copy(bundle, copy)
    flip(copy, copy.stat().st_size // 2)
    return verified_bundle(copy, None)


def tampered_ledger(home: Home, bundle: Path, scratch: Path) -> LedgerReport:
    """Return the report of `mash ledger verify` over a copy of HOME with one leaf byte changed; nothing may run."""
    copy = open_home(shutil.copytree(home.path, scratch / "tampered"))
    path = store_file(copy.folder(copy.one_of_role(PrincipalRole.AUDIT)), Store.LEDGER)
    flip(path, path.read_bytes().index(_a_signature(bundle)))
    return verified_ledger(copy)


def flip(path: Path, offset: int) -> None:
    """Change the lowest bit of one byte of a file."""
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))


def _a_signature(bundle: Path) -> bytes:
    """Return the first leaf's signature from the bundle: bytes that occur only once in the store."""
    with zipfile.ZipFile(bundle) as files:
        first = files.read("leaves.jsonl").splitlines()[0]
    return bytes.fromhex(json.loads(first)["signature"])
