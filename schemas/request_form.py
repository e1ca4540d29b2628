"""The form a person writes: `request.json` of the command line contract. Null is the same as absent.

What travels has the same names here and on the wire (`RequestSaid`); here stand besides what only some organisations
get (narrative, identifiers) and whom to ask.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.request import PersonAsked, RequestSaid
from schemas.scalars import MOST_ORGANISATIONS, MOST_PEOPLE, MOST_WORDS, ShortText, Text
from schemas.vocabulary import DataClass, IdentifierScheme, RatingBand


class PersonForm(PersonAsked):
    """A person as the requester writes them down, with every identifier known."""

    identifiers: Annotated[dict[IdentifierScheme, ShortText], Field(default_factory=dict, repr=False)]


class RequestForm(RequestSaid):
    """`request.json`. Unknown keys and words are errors; so is what breaks a rule of the record."""

    people: Annotated[tuple[PersonForm, ...], Field(max_length=MOST_PEOPLE, repr=False)]
    data_classes: Annotated[tuple[DataClass, ...], Field(min_length=1, max_length=MOST_WORDS)]
    narrative: Annotated[Text, Field(repr=False)]
    partner_narrative: Annotated[Text | None, Field(repr=False)] = None
    agencies: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=MOST_ORGANISATIONS)]


class RatedForm(RequestForm):
    """A form with the band that its rating falls into in this partnership: what a gate can decide on."""

    band: RatingBand
