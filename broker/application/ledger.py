"""Verify the ledger, or export it as a bundle that a stranger can verify.

Both only read, whether or not the audit service runs, and leave no event: an officer's check must not change the ledger
under check. Verifying a bundle needs no HOME and no key; without a HOME, its root keys are shown for the reader to
compare.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from broker.bootstrap.audit import open_ledger, open_vault
from broker.bootstrap.principal import OpenPrincipal, build_crypto, open_principal
from broker.errors import RejectedError
from broker.exchange.directory import TrustedDirectory, trust
from broker.partnership.home import Home, read_signed_directories
from consumers.audit.export.bundle import export_bundle, verify_bundle
from consumers.audit.verification.check import check_ledger
from consumers.audit.verification.log_view import LogView, read_log
from consumers.audit.verification.report import Findings, Problem, ProblemKind
from consumers.audit.verification.report import LedgerReport as LedgerReport
from schemas.vocabulary import PrincipalRole


def verified_ledger(home: Home) -> LedgerReport:
    """Return the report over a HOME's ledger, compared with what the event log still holds."""
    principal = _audit(home)
    try:
        directories = _trusted(principal, home)
        seen = asyncio.run(_seen(principal))  # before the ledger is read: then the ledger must hold all of it
        report = check_ledger(
            lambda: open_ledger(principal),
            vault=open_vault(principal),
            directories=directories,
            partnership=principal.config.partnership,
            crypto=principal.crypto,
            log=seen if isinstance(seen, LogView) else None,
        )
    finally:
        principal.close()
    return report if isinstance(seen, LogView) else _with_damaged_log(report, seen)


def _with_damaged_log(report: LedgerReport, fault: RejectedError) -> LedgerReport:
    """Return the report as unverified, with the event log's damage: the two could not be compared."""
    problem = Problem(kind=ProblemKind.DAMAGED, index=None, detail=f"event log: {fault}")
    return LedgerReport(
        size=report.size,
        root=report.root,
        verified=False,
        problems=(*report.problems, problem),
        erased=report.erased,
        notes=report.notes,
    )


def exported(home: Home, file: Path) -> LedgerReport:
    """Write a HOME's bundle and return the report over it. Raises: UsageError where there is nothing to export."""
    principal = _audit(home)
    try:
        return export_bundle(
            file,
            database=open_ledger(principal),
            partnership=principal.config.partnership,
            directories=read_signed_directories(home),
            roots=_roots(principal),
            crypto=principal.crypto,
        )
    finally:
        principal.close()


def verified_bundle(file: Path, home: Home | None) -> LedgerReport:
    """Return the report over a bundle, checked against the root keys that a HOME pins, or else the bundle's own."""
    roots = None
    if home is not None:
        config = home.config(_auditor(home))
        roots = {name: bytes.fromhex(key) for name, key in config.directory.roots.items()}
    try:
        return verify_bundle(file, roots=roots, crypto=build_crypto())
    except RejectedError as fault:
        # A bundle altered beyond reading is a finding about the bundle, not a mistake in the command.
        findings = Findings()
        findings.add(ProblemKind.ALTERED_BUNDLE, str(fault))
        return findings.report(size=0, root=b"")


def _auditor(home: Home) -> str:
    return home.one_of_role(PrincipalRole.AUDIT)


def _audit(home: Home) -> OpenPrincipal:
    return open_principal(home.folder(_auditor(home)))


async def _seen(principal: OpenPrincipal) -> LogView | RejectedError:
    log = principal.log()
    try:
        return await read_log(log, principal.config.partnership)
    except RejectedError as fault:
        return fault
    finally:
        await log.close()


def _roots(principal: OpenPrincipal) -> dict[str, bytes]:
    return {name: bytes.fromhex(key) for name, key in principal.config.directory.roots.items()}


def _trusted(principal: OpenPrincipal, home: Home) -> list[TrustedDirectory]:
    """Return every directory version that two roots signed; leaves signed under any other become problems."""
    found = []
    for signed in read_signed_directories(home):
        try:
            one = trust(
                signed,
                partnership=principal.config.partnership,
                roots=_roots(principal),
                seen=(0, None),
                crypto=principal.crypto,
                now=None,
            )
        except RejectedError as fault:
            principal.observe("directory_refused", {"reason": fault.reason})
            continue
        found.append(one)
    return found
