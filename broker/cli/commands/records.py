"""`mash records`: import an organisation's files into its own store, and show its own account of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from broker.application.records import account_of, imported
from broker.application.session import open_home
from broker.cli.output import DONE, FINDING, emit
from broker.errors import FieldError
from schemas.vocabulary import IdentifierScheme


def import_records(
    path: Path,
    organisation: str,
    files: Sequence[Path],
    *,
    person: Sequence[str],
    verified_identifiers: bool,
    format_name: str | None,
    mapping: Path | None,
    json: bool,
) -> int:
    """Import files and print the account of each; exit 1 if anything was rejected while the rest was imported.

    Raises: UsageError where a file is missing or an option is wrong; then nothing is imported.
    """
    bindings = _bindings(person)
    document = imported(
        open_home(path),
        organisation,
        files,
        bindings=bindings,
        verified_identifiers=verified_identifiers,
        format_name=format_name,
        mapping=mapping,
    )
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_import

        show_import(document)
    return FINDING if any(one["rejected"] for one in document["files"]) else DONE


def account(path: Path, organisation: str, request_id: str, *, by: str | None, json: bool) -> int:
    """Print the holder's own account of one request. Raises: UsageError where no account has that id."""
    document = asyncio.run(account_of(open_home(path), organisation, request_id, by=by)).document
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_account

        show_account(document)
    return DONE


def _bindings(words: Sequence[str]) -> dict[IdentifierScheme, str]:
    """Read `KEY=VALUE` words. Raises: FieldError `person` naming the word's number, never the value."""
    found: dict[IdentifierScheme, str] = {}
    for number, word in enumerate(words, start=1):
        key, equals, value = word.partition("=")
        if not equals or not value or key not in set(IdentifierScheme):
            raise FieldError("person", f"is not KEY=VALUE with a key of: {', '.join(IdentifierScheme)}", at=number)
        if IdentifierScheme(key) in found:
            raise FieldError("person", "this key is given twice", at=number)
        found[IdentifierScheme(key)] = value
    return found
