"""Rating: a partnership's own word for how urgent a contact is, and the band it falls into.

Decisions depend on the band alone, which is one of four (`RatingBand`); the word is what people of that partnership
read. A profile that says nothing rates in the names of the bands. The words are those of the profile that the signed
directory pins, so that nobody's own configuration can turn a RED into something less.
"""

from __future__ import annotations

import tomllib
from typing import Annotated, Final

from pydantic import BaseModel, Field, ValidationError

from broker.errors import UsageError
from schemas.scalars import Code
from schemas.vocabulary import RatingBand

Ratings = dict[Code, RatingBand]
"""A partnership's rating words, and the band of each."""

WITHOUT_RATING: Final = RatingBand.BLUE
"""The band of what nobody rated: nothing is released."""


def own_words() -> Ratings:
    """Return the bands as their own rating words."""
    return {band.value: band for band in RatingBand}


class _Profile(BaseModel):
    """What of a profile is read here; the rest was proved before it was pinned."""

    ratings: Annotated[Ratings, Field(min_length=1, default_factory=own_words)]


def read_ratings(profile: bytes) -> Ratings:
    """Return the rating words of a profile. Raises: UsageError where it is none."""
    try:
        return _Profile.model_validate(tomllib.loads(profile.decode("utf-8"))).ratings
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError):
        raise UsageError("the profile that the directory pins has no readable ratings") from None
