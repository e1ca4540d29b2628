"""Rating: a partnership's own word for how urgent a contact is, and the band it falls into.

Decisions depend on the band alone, which is one of four (`RatingBand`); the word is what people of that partnership
read. A profile that says nothing rates in the names of the bands.
"""

from __future__ import annotations

from typing import Final

from schemas.scalars import Code
from schemas.vocabulary import RatingBand

Ratings = dict[Code, RatingBand]
"""A partnership's rating words, and the band of each."""

WITHOUT_RATING: Final = RatingBand.BLUE
"""The band of what nobody rated: nothing is released."""


def own_words() -> Ratings:
    """Return the bands as their own rating words."""
    return {band.value: band for band in RatingBand}
