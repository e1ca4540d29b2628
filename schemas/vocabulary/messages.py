"""What an envelope holds: the kinds in use, and those that are only reserved."""

from __future__ import annotations

from schemas.vocabulary.word import Word


class Kind(Word):
    """What an envelope holds; each kind has one schema file and one list of parts (README, KIND-1)."""

    REQUEST = "REQUEST", "A question to one organisation about the people of one case.", "ref 5.0; README, KIND-1"
    ANSWER = (
        "ANSWER",
        "What an organisation answers, be it a refusal, no trace or a summary.",
        "ref 5.0; README, KIND-3",
    )
    DISPATCH = "DISPATCH", "The hub's note to its own screening of whom a request went to.", "README, KIND-1"
    DESK_ITEM = (
        "DESK_ITEM",
        "Something that waits for a practitioner, sealed by an organisation to itself.",
        "README, KIND-1",
    )
    DECISION = (
        "DECISION",
        "What a practitioner decided, sent to the organisation's own requests.",
        "README, KIND-1 and VERIFY-35",
    )
    SUMMARY = "SUMMARY", "What all organisations answered to one request, joined by screening.", "README, KIND-1"
    AUDIT_EVENT = "AUDIT_EVENT", "The account of one ending, for the ledger.", "ref 3.3; README, SEQ-1"


class ReservedKind(Word):
    """Kinds that have no record yet: an envelope of one is refused as NOT_IN_USE (README, VERIFY-5)."""

    CONTACT = (
        "CONTACT",
        "A contact that comes to the hub before there is a request: a referral, a notification.",
        "ref 1.2; completeness K1",
    )
    RATING = "RATING", "How urgent the hub rates a contact, and who rated it.", "ref 1.2; completeness K1"
    AGREEMENT = (
        "AGREEMENT",
        "What a person agreed to or withdrew, told to those who hold information by it.",
        "ref 2.6; completeness K1",
    )
    OUTCOME = "OUTCOME", "What the hub decided about a contact, with the reason.", "ref 1.6; completeness K1"
    NOTICE = "NOTICE", "The outcome as it is told to whoever made the contact.", "C6; completeness K1"
    TRANSFER = "TRANSFER", "A case handed to a team that takes it on.", "Y6; completeness K1"
    CORRECTION = (
        "CORRECTION",
        "A holder corrects or retracts what it answered before.",
        "UK GDPR Art 19; completeness K1",
    )
    TASK = "TASK", "Something that one organisation is to do by a day.", "C5; completeness K1"
    EPOCH = "EPOCH", "A member's next transport key, for the next directory.", "README, KEY-3; completeness K23"
    QUESTION = "QUESTION", "A question about an answer, to the organisation that gave it.", "completeness K23"
    REPLY = "REPLY", "The reply to a question.", "completeness K23"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT", "A person at the receiving end took the message on.", "completeness K23"
    HAND_ANSWER = (
        "HAND_ANSWER",
        "An answer by telephone that the hub wrote down: by hand, never as that organisation's own.",
        "N24; completeness K23",
    )
    ERASURE_ORDER = (
        "ERASURE_ORDER",
        "Copies of named messages are to be erased, and by when.",
        "UK GDPR Art 17; completeness K23",
    )
    HOLD = "HOLD", "Named messages are to be kept beyond their time: a court, a review.", "ref 3.5; completeness K23"
    WITNESS_SAY = "WITNESS_SAY", "A witness says which checkpoint it has signed.", "C2SP tlog-witness; completeness K23"
    WITNESS_ASK = (
        "WITNESS_ASK",
        "A witness asks for the proof between two checkpoints.",
        "C2SP tlog-witness; completeness K23",
    )
    WITNESS_PROOF = (
        "WITNESS_PROOF",
        "The proof that one checkpoint continues another.",
        "RFC 6962 s.2.1.2; completeness K23",
    )
    WITNESS_NO = "WITNESS_NO", "A witness refuses a checkpoint, and says why.", "C2SP tlog-witness; completeness K23"
    GAP = "GAP", "A writer states that numbers of its stream will never come.", "README, SEQ-2; completeness K23"
