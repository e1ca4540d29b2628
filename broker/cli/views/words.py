"""A word's meanings, a paragraph for each list that has it."""

from __future__ import annotations

import sys
from typing import Any


def show_word(document: dict[str, Any]) -> None:
    """Print each meaning with the list that it stands in."""
    for one in document["meanings"]:
        sys.stdout.write(f"{document['word']}: {one['meaning']} ({one['source']})\n")
        sys.stdout.write(f"  one of {one['list']}: {one['about']}\n")
