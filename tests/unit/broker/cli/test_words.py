"""`mash help WORD`: every word that the contract has is explained."""

from __future__ import annotations

import inspect
from enum import StrEnum
from typing import Any

import pytest

from broker.application.words import meaning_of
from schemas import vocabulary

WORDS = sorted(
    {
        member.value
        for _, words in inspect.getmembers(vocabulary, inspect.isclass)
        if issubclass(words, StrEnum)
        for member in words
    }
)


def test_a_word_is_explained_with_its_source(mash: Any) -> None:
    ran = mash("help", "RETRACTED")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "RETRACTED: An answer was taken back. (ledger section 8)",
        "  one of EventKind: What an audit event accounts for.",
    ]


def test_a_kind_that_is_only_reserved_is_explained_too(mash: Any) -> None:
    assert mash("help", "WITNESS_ASK").out.startswith(
        "WITNESS_ASK: A witness asks for the proof between two checkpoints."
    )


def test_a_word_of_several_lists_has_several_meanings(mash: Any) -> None:
    meanings = mash("help", "CONTRACTOR", "--json").document["meanings"]
    assert [one["list"] for one in meanings] == ["BodyInLaw", "Listed16LA"]


@pytest.mark.parametrize("word", WORDS)
def test_every_word_says_something(word: str) -> None:
    meanings: Any = meaning_of(word)["meanings"]
    assert meanings
    assert all(one["list"] and one["about"] and one["meaning"] and one["source"] for one in meanings)


def test_what_is_no_word_is_2_and_not_repeated(mash: Any) -> None:
    ran = mash("help", "GOSSIP")
    assert (ran.code, ran.out) == (2, "")
    assert "no word of the contract" in ran.error
    assert "GOSSIP" not in ran.error
