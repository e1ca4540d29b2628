"""What a word on a screen means: from the vocabulary of the wire, and nowhere else."""

from __future__ import annotations

from broker.errors import UsageError
from schemas.words import about, word_lists


def meaning_of(word: str) -> dict[str, object]:
    """Return each list that has this word, with what it means there and where that is from.

    Raises: UsageError where no list has it.
    """
    found = [
        {"list": words.__name__, "about": about(words), "meaning": member.sentence, "source": member.source}
        for words in word_lists()
        for member in words
        if member.value == word
    ]
    if not found:
        raise UsageError("no word of the contract; words are written as they stand on a screen, in capitals")
    return {"word": word, "meanings": found}
