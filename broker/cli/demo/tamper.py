"""What the demonstration's forger does: changes one byte in a copy, of the bundle or of the ledger's database.

The byte in the database lies inside a signed leaf: somebody with the file in hands would change that, not free space.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from broker.bootstrap.audit import open_ledger
from broker.bootstrap.principal import open_principal, store_file
from broker.bootstrap.stores import Store
from broker.cli.commands.ledger import verified_bundle, verified_ledger
from broker.errors import InvariantError
from broker.partnership.home import Home, open_home
from consumers.audit.tables import leaf_of, leaf_rows
from consumers.audit.verification.report import LedgerReport
from schemas.vocabulary import PrincipalRole


def tampered_bundle(bundle: Path, scratch: Path) -> LedgerReport:
    """Return what a stranger finds in a copy of the bundle with one byte changed."""
    copy = scratch / "tampered.bundle"
    shutil.copy(bundle, copy)
    flip(copy, copy.stat().st_size // 2)
    return verified_bundle(copy, None)


def tampered_ledger(home: Home, scratch: Path) -> LedgerReport:
    """Return what `mash ledger verify` finds in a copy of HOME with one byte of one leaf changed; nothing may run."""
    copy = open_home(shutil.copytree(home.path, scratch / "tampered"))
    name = copy.one_of_role(PrincipalRole.AUDIT)
    signature = _a_signature(copy, name)
    path = store_file(copy.folder(name), Store.LEDGER)
    flip(path, path.read_bytes().index(signature))
    return verified_ledger(copy)


def flip(path: Path, offset: int) -> None:
    """Change the lowest bit of one byte of a file."""
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))


def _a_signature(home: Home, name: str) -> bytes:
    """Return the first bytes of the first leaf's signature: no other place in the file holds them."""
    principal = open_principal(home.folder(name))
    try:
        with open_ledger(principal).transaction() as transaction:
            rows = leaf_rows(transaction, 0, 1)
    finally:
        principal.close()
    if not rows:
        raise InvariantError("the ledger of the demonstration is empty")
    return leaf_of(rows[0]).signature[:16]
