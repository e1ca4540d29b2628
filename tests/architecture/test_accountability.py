"""Whatever shows personal data accounts for itself: a front cannot forget it, and a new use case cannot either."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.e2e.test_accountability import LOOKS
from tests.shown import bare, reaches_hidden, showing

DOCUMENTS = "broker.application.documents."
"""Pure: they spell out what a use case has at hand already."""

SHOW_NOBODY = {
    "broker.application.create.make_home",
    "broker.application.desk.release",
    "broker.application.desk.withhold",
    "broker.application.diagnosis.home.diagnose",
    "broker.application.records.imported",
    "broker.application.records.removed",
    "broker.application.records.sources_of",
    "broker.application.status.status_of",
    "broker.application.summaries.document_of",
    "broker.application.words.meaning_of",
}
"""What hands out a bare document without anybody's data in it, or spells out one that is at hand already.

Counts, places, reason words, ids of decided items. Whoever adds a line here has looked; whoever shows somebody's data
makes a result with a `repr=False` field instead, and a look in `tests/e2e/test_accountability.py`.
"""


def test_every_use_case_that_shows_personal_data_is_tried_for_its_event() -> None:
    """A use case that is missing here shows somebody's data, and nobody tried that it leaves an event."""
    assert showing() == {one.use_case for one in LOOKS}


def test_no_bare_document_hides_whom_it_shows() -> None:
    assert {name for name in bare() if not name.startswith(DOCUMENTS)} == SHOW_NOBODY


def test_the_list_is_derived_from_what_has_no_repr() -> None:
    """However deep it stands, behind a union, in a tuple, in another result."""

    @dataclass
    class Secret:
        name: str = field(repr=False)

    @dataclass
    class Holder:
        held: tuple[Secret, ...] | None

    @dataclass
    class Plain:
        count: int

    Secret.__module__ = Holder.__module__ = Plain.__module__ = __name__
    globals().update(Secret=Secret, Holder=Holder)
    assert reaches_hidden(Holder)
    assert reaches_hidden(tuple[Holder, int])
    assert not reaches_hidden(Plain)
    assert not reaches_hidden(dict[str, int])
