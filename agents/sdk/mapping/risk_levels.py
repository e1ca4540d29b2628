"""Levels of risk as probation's systems write them: LOW to VERY_HIGH, alone or for groups of people (ref 5.4).

Promise: both writings of the same assessment read alike (`{"children": "HIGH "}` and `{"HIGH": ["Children"]}`), the
risk to children comes first, and a level that nobody can read is said to be so, never left out.
"""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.results import Json

NO_LEVEL: Final = "NOT_APPLICABLE"
"""The word for an assessment that does not apply to this person."""

CHILDREN: Final = "children"

_LEVELS: Final = ("VERY_HIGH", "HIGH", "MEDIUM", "LOW", NO_LEVEL)
_GROUPS: Final = {
    "children": CHILDREN,
    "knowadult": "known adult",
    "knownadult": "known adult",
    "public": "public",
    "staff": "staff",
    "prisoners": "prisoners",
}
_LONGEST_GROUP: Final = 60


def read_level(value: Json) -> str | None:
    """Return the level in its one writing; None where this is no level."""
    word = "_".join(value.upper().replace("_", " ").split()) if isinstance(value, str) else ""
    return word if word in _LEVELS else None


def write_levels(value: Json) -> str | None:
    """Write the level of each group, children first; None where this is no map of levels."""
    if not isinstance(value, dict):
        return None
    held: list[tuple[str, str]] = []
    for key, inner in value.items():
        level = read_level(key)
        if level is not None:
            held += [(_group(group), level) for group in (inner if isinstance(inner, list) else [inner])]
        elif inner:
            held.append((_group(key), read_level(inner) or "not readable"))
    order = [*dict.fromkeys(_GROUPS.values())]
    held.sort(key=lambda one: (order.index(one[0]) if one[0] in order else len(order), one[0], one[1]))
    return "; ".join(f"{group}: {level.replace('_', ' ')}" for group, level in held) or None


def _group(value: Json) -> str:
    word = "".join(value.casefold().split()) if isinstance(value, str) else ""
    if not isinstance(value, str) or word in ("", "string", "none"):
        return "not readable"
    return _GROUPS.get(word, " ".join(value.split())[:_LONGEST_GROUP])
