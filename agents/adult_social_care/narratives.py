"""How adult social care is put into words. Each mapping sees only what its row of `release.toml` reads."""

from __future__ import annotations

from typing import Final

from agents.sdk.mapping.reader import Narratives
from agents.sdk.mapping.sentences import dated, labelled_period

NARRATIVES: Final[Narratives] = {
    "adult-social-care.case": {
        "/worker": labelled_period("Adult social worker"),
        "/careNeeds": labelled_period("Care and support needs"),
        "/section42Enquiry": dated("Safeguarding enquiry (section 42, Care Act 2014)"),
        "/capacityAssessed": dated("Mental capacity was assessed"),
    },
}
"""The mapping of every row of `release.toml` that releases an item."""
