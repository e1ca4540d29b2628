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
    """Every identifier known, by its scheme; an organisation is sent those that its sector uses."""


class RequestForm(RequestSaid):
    """`request.json`. Unknown keys and words are errors; so is what breaks a rule of the record."""

    people: Annotated[tuple[PersonForm, ...], Field(max_length=MOST_PEOPLE, repr=False)]
    """Who is asked about: a holder searches for nobody else (ref 7.2 rule 9)."""
    data_classes: Annotated[tuple[DataClass, ...], Field(min_length=1, max_length=MOST_WORDS)]
    """The classes of data that are asked for, one at least, of which the gates may drop some (ref 2.7)."""
    narrative: Annotated[Text, Field(repr=False)]
    """What the concern is, in words, for a holder to judge what is relevant (Y9)."""
    partner_narrative: Annotated[Text | None, Field(repr=False)] = None
    """What organisations are sent instead, where the hub keeps its own narrative back; null: the narrative."""
    agencies: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=MOST_ORGANISATIONS)]
    """Whom to ask: ids of organisations, or words of sectors for all of a sector."""


class RatedForm(RequestForm):
    """A form with the band that its rating falls into in this partnership: what a gate can decide on."""

    band: RatingBand
    """The band that its rating falls into in this partnership."""
