"""The command line's words for a use case's fields: a fault names a field, but a person typed a flag."""

from __future__ import annotations

from broker.errors import FieldError

FLAGS = {
    "actor": "--by",
    "brokers": "--kafka",
    "fewer": "--fewer",
    "file": "--file",
    "ground": "--ground",
    "identifier": "--identifier",
    "item": "ID",
    "items": "--items",
    "judgement": "--judgement",
    "left_out": "--leave-out",
    "organisations": "--org",
    "patience": "--timeout",
    "person": "--person",
    "reason": "--reason",
    "request_id": "request id",
    "review": "--review",
    "side": "--as",
    "source": "--source",
}
"""Flag, or argument name of the usage line, by field."""

HINTS = {
    "actor": "say --by PERSON, or set MASH_ACTOR",
    "item": "see: mash desk HOME ORG list",
    "left_out": "each --leave-out ITEM takes a --reason R, in the same order",
}
"""The remedy by field, if the rule alone does not say it."""


def sentence_of(fault: FieldError) -> str:
    """Return a field's fault as a sentence in the command line's words."""
    flag = FLAGS.get(fault.field, fault.field)
    where = f"{flag} ({fault.at})" if fault.at is not None else flag
    hint = HINTS.get(fault.field)
    return f"{where}: {fault.rule}{f'; {hint}' if hint else ''}"
