"""A word's meanings, a paragraph for each list that has it."""

from __future__ import annotations

import sys
from typing import Any


def show_word(document: dict[str, Any]) -> None:
    """Print each meaning with the list that it stands in."""
    for one in document["meanings"]:
        source = f" ({one['source']})" if one["source"] else ""
        sys.stdout.write(f"{document['word']}: {one['meaning'] or one['about']}{source}\n")
        sys.stdout.write(f"  one of {one['list']}: {one['about']}\n")
