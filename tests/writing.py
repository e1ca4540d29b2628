"""Text as people write it, for property tests: whatever a record of the wire may hold, and nothing else."""

from __future__ import annotations

from hypothesis import strategies as st

from schemas.scalars import ALLOWED_CONTROLS, JOINERS, UNSEEN

SEEN = st.characters(exclude_categories=tuple(UNSEEN), include_characters=JOINERS)


def lines(most: int) -> st.SearchStrategy[str]:
    """Give texts of one line."""
    return st.text(SEEN, max_size=most)


def texts(most: int) -> st.SearchStrategy[str]:
    """Give texts of any lines."""
    return st.text(SEEN | st.sampled_from(ALLOWED_CONTROLS), max_size=most)
