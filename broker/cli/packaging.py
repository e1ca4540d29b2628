"""The packaging check at start: this application must be alone in its environment.

`schemas`, `broker`, `agents` and `consumers` are import names here, and the public index has packages of some of these
names; installed beside ours, they replace files silently. So the four must lie in one folder, and no other distribution
may have files in any of them. An agent of another distribution has an import name of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from broker.errors import UsageError

DISTRIBUTION = "mash-broker"
PACKAGES = ("schemas", "broker", "agents", "consumers")


def check_packaging() -> None:
    """Check that the four packages are ours alone; raises UsageError naming the one that is not."""
    check_one_parent({name: _parent(name) for name in PACKAGES})
    check_no_other_owner(metadata.distributions())


def check_one_parent(parents: Mapping[str, Path | None]) -> None:
    """Check that all packages lie in one folder; raises UsageError otherwise."""
    expected = parents["broker"]
    strangers = [name for name, parent in parents.items() if parent is None or parent != expected]
    if strangers:
        raise UsageError(f"package {strangers[0]} is not this application's: install it alone in an environment")


def check_no_other_owner(distributions: Iterable[metadata.Distribution]) -> None:
    """Check that no other distribution has files in the packages; raises UsageError naming the one that has."""
    for distribution in distributions:
        record = f"\n{distribution.read_text('RECORD') or ''}"
        owned = [name for name in PACKAGES if f"\n{name}/" in record]
        owner = (distribution.metadata["Name"] or "").lower().replace("_", "-") if owned else ""
        if owned and owner != DISTRIBUTION:
            raise UsageError(f"package {owned[0]} is also owned by the distribution {owner}: uninstall that one")


def _parent(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent.parent if spec and spec.origin else None
