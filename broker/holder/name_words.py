"""Words that are no part of a name, and how alike two words sound or are written. Nothing here compares people.

Promise: a word that stands in for a newborn's name, a title, a suffix or "not known" is told apart from a name
wherever it stands; what cannot be told (a code of two letters) is taken for no name, so that a person looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

NO_NAME: Final = frozenset({"unknown", "notknown", "nk", "notrecorded", "notgiven", "notstated", "tba", "tbc"})

TITLES: Final = frozenset(
    {"mr", "mrs", "miss", "ms", "mx", "dr", "master", "mstr", "mst", "rev", "sir", "prof", "lady", "lord", "dame"}
)
SUFFIXES: Final[dict[str, str]] = {
    **dict.fromkeys(("jr", "jnr", "junior"), "jr"),
    **dict.fromkeys(("sr", "snr", "senior"), "sr"),
    **{numeral: numeral for numeral in ("ii", "iii", "iv")},
}
"""What follows a name and is no part of it, with its one writing: the elder and the younger of one name."""

NO_GIVEN: Final = NO_NAME | TITLES
NO_PART: Final = NO_GIVEN | SUFFIXES.keys()

PARTICLES: Final = frozenset(
    {"al", "bin", "da", "de", "del", "der", "di", "dos", "du", "el", "ibn", "la", "le", "of", "st", "van", "von"}
)

_CHILD_WORDS: Final = frozenset({"babe", "boy", "child", "female", "girl", "male"})
"""Stand-ins that are family names as well, where one of them is the whole family name."""

_STAND_INS: Final = _CHILD_WORDS | frozenset(
    {
        *("baby", "babyboy", "babygirl", "bebe", "infant", "inf", "neonate", "newborn", "firstborn", "daughter"),
        *("embryo", "fetus", "foetus", "stillborn", "unborn"),
        *("twin", "twins", "triplet", "quad", "quadruplet", "multiple"),
        *("name", "named", "noname", "nameless", "unnamed", "notnamed", "anon", "anonymous"),
        *("babyof", "boyof", "childof", "daughterof", "girlof", "infantof", "sonof"),
    }
)
_TOGETHER: Final = _STAND_INS | NO_NAME
_NO_FAMILY: Final = _STAND_INS - _CHILD_WORDS
_SHORT_NAMES: Final = frozenset(
    {
        *("ab", "ai", "al", "an", "cy", "di", "ed", "em", "jo", "ka", "ki", "ky", "li", "lu", "ly", "md", "mo", "my"),
        *("ng", "om", "oz", "qi", "su", "ty", "vi", "vy", "wu", "xi", "yi", "yu", "zi"),
    }
)
"""Given names of two letters: any other two letters ("NB", "B/O", "FI") are a ward's code for a newborn."""

_CODES: Final = frozenset({"bo", "fe", "fi", "mi", "na", "no", "of", "un"})
"""Codes with a vowel: baby of, female or male infant, not applicable."""

_CODE: Final = 2
_VOWELS: Final = frozenset("aeiouy")
_DIGITS: Final = "0123456789"
_OPENINGS: Final = (("kn", "n"), ("ph", "f"), ("wr", "r"), ("sch", "s"), ("gn", "n"))
_OPENING: Final = str.maketrans("cqgzxveiouy", "kkjssfaaaaa")
_SOUNDS: Final = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556", "aeiouhwy")
_TWICE: Final = re.compile(r"(.)\1+")
_LONGEST_COMPARED: Final = 40
_SHORTEST_ALIKE: Final = 3
_LONG: Final = 5


def joined(words: Sequence[str]) -> Iterator[str]:
    """Give the words, those that stand in for a name or for "not known" only together ("New Born") as one."""
    place = 0
    while place < len(words):
        pair = "".join(words[place : place + 2])
        together = place + 1 < len(words) and pair in _TOGETHER
        yield pair if together else words[place]
        place += 2 if together else 1


def is_stand_in(word: str, *, alone: bool) -> bool:
    """Return whether a word, or what is left of it without digits, stands in for a name not given yet.

    Two letters that are the whole name are a code unless they are known as a name; beside other words ("Ja cob") only
    where they cannot be a piece of one.
    """
    bare = word.strip(_DIGITS)
    if bare in _STAND_INS or (word and not bare):
        return True
    if bare != word and len(bare) <= _CODE:
        return True
    if len(bare) != _CODE or not bare.isascii() or bare in NO_PART:
        return False
    return bare not in _SHORT_NAMES if alone else bare in _CODES or (_VOWELS.isdisjoint(bare) and bare not in PARTICLES)


def is_stand_in_for_family(word: str, *, alone: bool) -> bool:
    """Return whether a word of a family name stands in for a newborn's; families are called Child, and Ng."""
    bare = word.strip(_DIGITS)
    return bare in (_NO_FAMILY if alone else _STAND_INS) or bare == "nb"


@lru_cache(maxsize=16_384)
def sound(word: str) -> str:
    """Write a word as it sounds, in at most four characters; a word of another script as it is."""
    if not word.isascii() or not word.isalpha():
        return word
    for letters, heard in _OPENINGS:
        if word.startswith(letters):
            word = heard + word[len(letters) :]
    rest = _TWICE.sub(r"\1", word[1:].translate(_SOUNDS))
    return word[0].translate(_OPENING) + rest[:3]


def is_alike(ours: str, theirs: str) -> bool:
    """Return whether two words sound the same, begin the same, or are a slip of the hand apart; two in long ones."""
    short, long = sorted((ours, theirs), key=len)
    heard = sound(ours)
    if ours == theirs or (len(heard) >= _SHORTEST_ALIKE and heard == sound(theirs)):
        return True
    if len(short) < _SHORTEST_ALIKE or len(long) > _LONGEST_COMPARED:
        return False
    return long.startswith(short) or slips_between(short, long, most=1 if len(short) < _LONG else 2) is not None


def slips_between(ours: str, theirs: str, *, most: int) -> int | None:
    """Count the slips that make one word of the other: a letter too many, too few, another, or two in turn.

    Return None where there are more than `most`.
    """
    if abs(len(ours) - len(theirs)) > most:
        return None
    before, last = [0] * (len(theirs) + 1), list(range(len(theirs) + 1))
    for row, letter in enumerate(ours, start=1):
        now = [row]
        for place, other in enumerate(theirs, start=1):
            slips = min(last[place] + 1, now[-1] + 1, last[place - 1] + (letter != other))
            turned = row > 1 and place > 1 and letter == theirs[place - 2] and ours[row - 2] == other
            now.append(min(slips, before[place - 2] + 1) if turned else slips)
        before, last = last, now
    return last[-1] if last[-1] <= most else None
