"""`mash help`: what a word on a screen means."""

from __future__ import annotations

from broker.application.words import meaning_of
from broker.cli.output import DONE, emit


def explain(word: str, *, json: bool) -> int:
    """Print what a word means, and its source. Raises: UsageError where there is no such word."""
    document = meaning_of(word)
    if json:
        emit(document)
    else:
        from broker.cli.views.words import show_word

        show_word(document)
    return DONE
