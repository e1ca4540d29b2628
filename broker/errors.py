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


class StoreFull(UnavailableError):
    """There is no room on the disk for what a principal's own store should take in."""


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


class FieldError(UsageError):
    """One value that a use case was given is wrong. A front turns `field` into its own word: a flag, a form's label.

    `field` names the value, `at` its place where there are several (from 1), `rule` what is allowed.
    """

    def __init__(self, field: str, rule: str, *, at: int | None = None) -> None:
        super().__init__(f"{field}{f' ({at})' if at is not None else ''}: {rule}")
        self.field = field
        self.at = at
        self.rule = rule


class NotPermitted(MashError):
    """The acting person may not do this: nothing was done or shown (exit 1). `reason` is a stable word."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
