"""What an envelope holds: the kinds in use, and those that are only reserved."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What an envelope holds; each kind has one schema file and one list of parts (README, KIND-1)."""

    REQUEST = "REQUEST"
    ANSWER = "ANSWER"
    DISPATCH = "DISPATCH"
    DESK_ITEM = "DESK_ITEM"
    DECISION = "DECISION"
    SUMMARY = "SUMMARY"
    AUDIT_EVENT = "AUDIT_EVENT"


RESERVED_KINDS: Final[dict[str, str]] = {
    "CONTACT": "A contact that comes to the hub before there is a request: a referral, a notification (ref 1.2).",
    "RATING": "How urgent the hub rates a contact, and who rated it.",
    "AGREEMENT": "What a person agreed to or withdrew, told to those who hold information by it.",
    "OUTCOME": "What the hub decided about a contact, with the reason.",
    "NOTICE": "The outcome as it is told to whoever made the contact.",
    "TRANSFER": "A case handed to a team that takes it on.",
    "CORRECTION": "A holder corrects or retracts what it answered before.",
    "TASK": "Something that one organisation is to do by a day.",
    "EPOCH": "A member's next transport key, for the next directory.",
    "QUESTION": "A question about an answer, to the organisation that gave it.",
    "REPLY": "The reply to a question.",
    "ACKNOWLEDGEMENT": "A person at the receiving end took the message on.",
    "HAND_ANSWER": "An answer by telephone that the hub wrote down: by hand, never as that organisation's own.",
    "ERASURE_ORDER": "Copies of named messages are to be erased, and by when.",
    "HOLD": "Named messages are to be kept beyond their time: a court, a review.",
    "WITNESS_SAY": "A witness says which checkpoint it has signed.",
    "WITNESS_ASK": "A witness asks for the proof between two checkpoints.",
    "WITNESS_PROOF": "The proof that one checkpoint continues another.",
    "WITNESS_NO": "A witness refuses a checkpoint, and says why.",
    "GAP": "A writer states that numbers of its stream will never come.",
}
"""Kinds that have no record yet: an envelope of one is refused as NOT_IN_USE (README, VERIFY-5)."""
