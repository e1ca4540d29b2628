"""A word with what it means: `WORD = "WORD", "A sentence.", "its source"`."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A list of words in which each says what it means and where that is from."""

    sentence: str
    source: str

    def __new__(cls, value: str, sentence: str = "", source: str = "") -> Self:
        """Make a member that is its value on the wire, and nothing else. Raises: TypeError where it is not explained.

        The defaults are for `Purpose("PREVENT")`, which looks a member up and never comes here.
        """
        if not sentence or not source:
            raise TypeError("a word needs a sentence and a source")
        word = str.__new__(cls, value)
        word._value_ = value
        word.sentence, word.source = sentence, source
        return word
