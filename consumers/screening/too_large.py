"""A summary that is larger than the event log takes goes out with less, and says what it lacks."""

from __future__ import annotations

from schemas.summary import AnswerSeen, SummaryBody

LEFT_OUT = (
    "{count} items of this answer do not fit into one combined summary and are left out of it:"
    " ask the organisation for them."
)
_MOST_GAPS_CHARACTERS = 20_000


def without_largest(body: SummaryBody) -> SummaryBody | None:
    """Return the summary without the items of the answer that has the most text; None where no items are left.

    For a summary that is larger than the event log takes. What is left out is counted where the reader looks for gaps.
    """
    sizes = {seen.organisation: _size(seen) for seen in body.answers}
    largest = max(sizes, key=sizes.__getitem__, default=None)
    if largest is None or not sizes[largest]:
        return None
    answers = tuple(_emptied(seen) if seen.organisation == largest else seen for seen in body.answers)
    return body.model_copy(update={"answers": answers})


def _size(seen: AnswerSeen) -> int:
    # One more for each item, so that an answer of empty texts counts too.
    return sum(1 + len(item.text) for item in seen.answer.body.items) if seen.answer else 0


def _emptied(seen: AnswerSeen) -> AnswerSeen:
    if seen.answer is None:
        return seen
    notice = LEFT_OUT.format(count=len(seen.answer.body.items))
    gaps = f"{notice} {seen.answer.body.gaps}".strip()[:_MOST_GAPS_CHARACTERS]
    less = seen.answer.body.model_copy(update={"items": (), "gaps": gaps})
    return seen.model_copy(update={"answer": seen.answer.model_copy(update={"body": less})})
