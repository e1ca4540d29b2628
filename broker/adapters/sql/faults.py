"""What goes wrong in a database, told by its reaction and without a value.

Promise: a fault that leaves here says which database and the engine's own code, nothing else; nothing hangs
on it that says more. Retry: the database is locked, full or away. Reject: the file is not what it was. Stop:
all the rest, as the statement or the value is wrong and will be wrong again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import exc
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from broker.errors import InvariantError, MashError, OutcomeUnknown, RejectedError, StoreFull, UnavailableError

_T = TypeVar("_T")

_DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002")
_AWAY: Final = (
    "SQLITE_AUTH",
    "SQLITE_BUSY",
    "SQLITE_CANTOPEN",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_LOCKED",
    "SQLITE_NOMEM",
    "SQLITE_PERM",
    "SQLITE_PROTOCOL",
    "SQLITE_READONLY",
)
_AWAY_ELSEWHERE: Final = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""Not for SQLite: there a missing table and a text that is not UTF-8 are an OperationalError too."""


def guarded(step: Callable[[], _T], *, where: str, committing: bool = False) -> _T:
    """Run a step against the database `where`; raise what went wrong as one of ours.

    Raised after the handler, not in it: drivers put values in their messages (a text that is not UTF-8, say),
    and a handler would hang the driver's exception onto ours even with `from None`.
    """
    try:
        return step()
    except SQLAlchemyError as error:
        fault = _fault(error, where, committing)
    except (OverflowError, UnicodeError):
        fault = InvariantError(f"database {where} cannot hold such a value (over 64 bits, or not unicode)")
    raise fault


def _fault(error: SQLAlchemyError, where: str, committing: bool) -> MashError:
    code = _code(error)
    if code.startswith(_DAMAGED):
        return RejectedError("DATABASE_DAMAGED", where)
    if code == "SQLITE_FULL" and not committing:
        return StoreFull(f"database {where} has no room on its disk")
    if code.startswith(_AWAY) or (not code.startswith("SQLITE_") and isinstance(error, _AWAY_ELSEWHERE)):
        kind = OutcomeUnknown if committing else UnavailableError
        return kind(f"database {where} is away ({code or type(error).__name__})")
    return InvariantError(f"database {where} refused a statement ({code or type(error).__name__})")


def _code(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    if type(cause).__module__ == "sqlite3":
        return str(getattr(cause, "sqlite_errorname", "SQLITE_MISUSE"))
    return str(getattr(cause, "sqlstate", None) or "")
