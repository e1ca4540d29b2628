"""Which file is whose: the Department for Education's record types and returns, and Mosaic's own shape."""

from __future__ import annotations

from typing import Final

from agents.sdk.dfe import BareRecord, CustodianFile

from .census import Census
from .looked_after import LookedAfterReturn

FORMATS: Final = (
    CustodianFile(),
    Census(),
    LookedAfterReturn(),
    BareRecord("childrens-services.details"),
    BareRecord("social-care.allocation", marks=frozenset({"childId"})),
    BareRecord("social-care.plan", marks=frozenset({"childId", "plan"})),
    BareRecord("personal.details"),
    BareRecord("mosaic", marks=frozenset({"referrals"})),
)
"""What an authority exports, the most telling first."""
