"""`docs/words.md` and the lists in other pages are those of the vocabulary, and nobody has written in them."""

from __future__ import annotations

from enum import StrEnum

import pytest

from schemas import vocabulary
from schemas.vocabulary import ReservedKind, Status
from schemas.words import MARKED, PAGE, PAGES, ROOT, filled, page, word_lists

LISTS = [one for one in vars(vocabulary).values() if isinstance(one, type) and issubclass(one, StrEnum)]


def test_page_is_what_the_vocabulary_says() -> None:
    """Otherwise: `make vectors`."""
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_marked_lists_are_what_the_vocabulary_says(path) -> None:
    text = path.read_text("utf-8")
    assert MARKED.search(text)
    assert filled(text) == text


def test_every_page_with_a_mark_is_written() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("schemas/**/*.md")]
    assert {path for path in pages if "<!-- words: " in path.read_text("utf-8")} == set(PAGES)


def test_page_has_every_list_with_every_word_its_sentence_and_source() -> None:
    assert set(word_lists()) == set(LISTS)
    text = page()
    for words in word_lists():
        _, heading, section = text.partition(f"### {words.__name__}\n")
        assert heading
        rows = [line for line in section.partition("\n#")[0].splitlines() if line.startswith("| `")]
        assert rows == [f"| `{word.value}` | {word.sentence} | {word.source} |" for word in words]


def test_what_somebody_wrote_between_the_marks_is_replaced() -> None:
    before, after = "kept\n<!-- words: Status -->\n", "<!-- end of words -->\nkept too\n"
    text = filled(f"{before}| NO_TRACE | my own words |\n{after}")
    assert text.startswith(before)
    assert text.endswith(after)
    assert "my own words" not in text
    assert all(f"| `{word.value}` | {word.sentence} |\n" in text for word in Status)
    assert not any(word in text for word in ReservedKind)


def test_mark_of_no_list_is_an_error() -> None:
    with pytest.raises(KeyError, match="Gossip"):
        filled("<!-- words: Gossip -->\n<!-- end of words -->\n")
