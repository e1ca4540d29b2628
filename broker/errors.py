"""Faults, named for the reaction they ask for. Outcomes (a refusal, no trace) are returned, never raised.

No message here may hold personal data: give the place, the rule and the reason word.
"""

from __future__ import annotations


class MashError(Exception):
    """The root of every fault this product raises on purpose."""


class RejectedError(MashError):
    """This input can never be accepted: quarantine it, count it, go on. `reason` is a stable word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class UnavailableError(MashError):
    """Something needed is away for the moment: retry, and hand to a person when the deadline passes."""


class NotAllowed(UnavailableError):
    """The brokers do not let this principal do it: retry, and let a person look at its access rights."""


class OutcomeUnknown(UnavailableError):
    """A commit was sent and its answer was lost. Claim again: the committed position tells which it was."""


class Fenced(MashError):
    """Another instance owns this partition now. Stop, show nothing, wait for an assignment; never fence back."""


class InvariantError(MashError):
    """What must always hold does not: stop the process and let the supervisor and a person look."""


class UsageError(MashError):
    """The command, a file, an id or the configuration is wrong (exit 2): one line says what and where."""
