"""Folding: one writing of a name, for everything that compares or keys one: matching, pseudonyms, search tokens."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_NOT_PLAIN: Final = re.compile("[^a-z0-9]+")


def name_key(text: str) -> str:
    """Fold case, accents, spaces, hyphens and apostrophes away, so that one name has one writing.

    Marks are dropped from Latin letters only: elsewhere they are vowels, and two names would become one.
    """
    if text.isascii():
        return _NOT_PLAIN.sub("", text.lower())
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    kept: list[str] = []
    for character in folded:
        is_vowel_mark = unicodedata.category(character)[0] == "M" and kept and not kept[-1].isascii()
        if character.isalnum() or is_vowel_mark:
            kept.append(character)
    return "".join(kept)
