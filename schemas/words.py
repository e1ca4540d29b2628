"""Every word of the vocabulary as a page, and the lists of other pages: `python -m schemas.words` writes them.

Promise: a list of words in a page is written by nobody. (1) `docs/words.md` has every list with every word's sentence
and source; (2) in the pages of `PAGES`, whatever stands between `<!-- words: LIST -->` and `<!-- end of words -->` is
that list's words and sentences.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from schemas import vocabulary
from schemas.vocabulary.word import Word

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "words.md"
PAGES: Final = (ROOT / "schemas" / "README.md", ROOT / "docs" / "command-line.md")
"""Pages that list words between marks."""

MARKED: Final = re.compile(r"(<!-- words: (\w+) -->\n).*?(<!-- end of words -->)", re.DOTALL)
HEAD: Final = """\
# The words of the wire

Generated from [schemas/vocabulary](../schemas/vocabulary) by `python -m schemas.words`: change that. Whoever writes a
message takes its words from here; an unknown one is refused, and where a field is a Code it is carried (CODEC-6 and
CODEC-8 of [schemas/README.md](../schemas/README.md)). `mash help WORD` prints the same. Sources are statutes, rules of
that page, and the codes of the [glossary](glossary.md).
"""


def word_lists() -> list[type[Word]]:
    """Return every list of words, those of one subject together, in the order of their file."""
    found = [one for _, one in inspect.getmembers(vocabulary, inspect.isclass) if issubclass(one, Word)]
    return sorted(found, key=lambda words: (words.__module__, inspect.getsourcelines(words)[1]))


def about(words: type[Word]) -> str:
    """Return what a list says of itself, on one line."""
    return " ".join((inspect.getdoc(words) or "").split())


def page() -> str:
    """Return the page of all words."""
    return "\n".join((HEAD, *_subjects()))


def filled(text: str) -> str:
    """Return a page with each list between its marks as the vocabulary has it. Raises: KeyError where there is none."""
    lists = {words.__name__: words for words in word_lists()}
    return MARKED.sub(lambda mark: f"{mark[1]}\n{_table(lists[mark[2]])}\n{mark[3]}", text)


def _subjects() -> Iterator[str]:
    for module, lists in groupby(word_lists(), key=lambda words: words.__module__):
        subject = (inspect.getdoc(sys.modules[module]) or "").partition("\n")[0]
        yield f"## {subject.rstrip('.')}\n"
        for words in lists:
            yield f"### {words.__name__}\n\n{about(words)}\n\n{_table(words, with_source=True)}"


def _table(words: type[Word], *, with_source: bool = False) -> str:
    columns = 3 if with_source else 2
    rows = [("word", "means", "source"), *((f"`{word.value}`", word.sentence, word.source) for word in words)]
    head, *lines = (f"| {' | '.join(row[:columns])} |\n" for row in rows)
    return "".join((head, "|---" * columns, "|\n", *lines))


def main() -> None:
    """Write the pages where they lie."""
    PAGE.write_text(page(), "utf-8")
    for path in PAGES:
        path.write_text(filled(path.read_text("utf-8")), "utf-8")
    sys.stdout.writelines(f"{path.relative_to(ROOT)}\n" for path in (PAGE, *PAGES))


if __name__ == "__main__":
    main()
