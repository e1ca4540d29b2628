"""How an organisation answers, and by what it found a person."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class Status(Word):
    """How an organisation answered (ref 2.8); NOTHING_TO_SHARE says neither that it holds something nor that not."""

    SUMMARY = "SUMMARY", "What is held and may be given is in the answer.", "ref 2.8"
    PARTIAL = "PARTIAL", "What is given is not all: something was not searched, or is held and not released.", "ref 2.8"
    NO_TRACE = "NO_TRACE", "A search was made, and nobody who was asked about was found.", "ref 2.8"
    MATCH_UNCERTAIN = (
        "MATCH_UNCERTAIN",
        "The child may be known here; a person must say, and nothing is told until then.",
        "ref 2.8; ref 7.2 rule 3",
    )
    HELD_WITHHELD = (
        "HELD_WITHHELD",
        "Something is held and none of it is given: a restriction, or a practitioner's ground.",
        "ref 2.8; ref 7.2 rule 6",
    )
    REJECTED_BY_GATE = (
        "REJECTED_BY_GATE",
        "The organisation's own gate refused the request, and nothing was searched.",
        "ref 2.8",
    )
    UNAVAILABLE = (
        "UNAVAILABLE",
        "Nobody could answer in time; the real answer may follow as a later revision.",
        "ref 2.8",
    )
    AWAITED = "AWAITED", "There is no answer yet; its stage says where it is.", "ref 2.8"
    NOTHING_TO_SHARE = (
        "NOTHING_TO_SHARE",
        "Nothing is shared, without a word on whether anything is held.",
        "ref 2.8 step 2",
    )


class Stage(Word):
    """Where an awaited answer is."""

    SENT = "SENT", "The request went out, and nothing has come back.", "ref 4.2"
    WITH_PERSON = "WITH_PERSON", "The organisation said that one of its people must look first.", "ref 2.8 step 6"


class Certainty(Word):
    """How sure a match is; only AUTO, or a named practitioner's choice, releases content (ref 7.2 rule 3)."""

    AUTO = "AUTO", "One candidate is sure enough for content to be released without a person.", "ref 7.2 rule 3"
    REVIEW = "REVIEW", "Whether it is them, or which of several, takes a person of the holder's.", "ref 7.2 rule 3"
    NONE = "NONE", "No candidate comes near enough to be looked at.", "ref 7.2 rule 3"


class MatchMethod(Word):
    """By what a person was found."""

    IDENTIFIER = (
        "IDENTIFIER",
        "A valid identifier agrees, and with it the date of birth or both names.",
        "ref 7.2 rule 1",
    )
    VERIFIED_IDENTIFIER = (
        "VERIFIED_IDENTIFIER",
        "A valid identifier agrees that a matching service assigned before it was stored.",
        "ref 7.2 rule 1",
    )
    DEMOGRAPHIC = "DEMOGRAPHIC", "Names and date of birth agree, with no identifier to go by.", "ref 7.2 rule 2"
    CHOSEN = "CHOSEN", "A practitioner chose one of several candidates.", "ref 7.2 rule 3"
    NONE = "NONE", "They were not found by anything.", "ref 7.2"
