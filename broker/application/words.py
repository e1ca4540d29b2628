"""What a word on a screen means: from the vocabulary of the wire, and nowhere else."""

from __future__ import annotations

import inspect
from enum import StrEnum

from broker.errors import UsageError
from schemas import vocabulary
from schemas.vocabulary.word import Word


def meaning_of(word: str) -> dict[str, object]:
    """Return each list that has this word, with what it means there and where that is from.

    A word without a sentence of its own is explained by what its list says. Raises: UsageError where no list has it.
    """
    lists = [one for _, one in inspect.getmembers(vocabulary, inspect.isclass) if issubclass(one, StrEnum)]
    found = [_explained(member) for words in lists for member in words if member.value == word]
    if not found:
        raise UsageError("no word of the contract; words are written as they stand on a screen, in capitals")
    return {"word": word, "meanings": found}


def _explained(member: StrEnum) -> dict[str, str | None]:
    about = (inspect.getdoc(type(member)) or "").partition("\n")[0]
    own = (member.sentence, member.source) if isinstance(member, Word) else (None, None)
    return {"list": type(member).__name__, "about": about, "meaning": own[0], "source": own[1]}
