"""The reported cases through the whole path: import, search, identify and look-up, as a request meets them."""

import pytest

from broker.holder.identify import Known
from tests.sample_files import HERE

REPORTED = HERE / "samples" / "reported"


@pytest.fixture
def told(take_in, outcome, items):
    """Import reported files one by one, and return what is told of somebody who is known for certain, else None."""

    async def answer(person, *names, **more):
        for name in names:
            take_in(REPORTED / f"{name}.json", **more)
        found = await outcome(person)
        if not isinstance(found, Known) or found.restricted:
            return None
        return {
            item.text.split(":")[1].split("(")[0].split(",")[0].strip()
            for item in await items(person)
            if ":" in item.text
        }

    return answer


async def test_a_moved_childs_own_flag_stays(told, asked):
    child = asked("Lazlo", "Medlock", "2014-03-02", "9998406706", "LE1 1AA")
    held = await told(child, "moved-child-1", "moved-child-2")
    assert held is None or "Child at risk of abuse" in held


async def test_two_systems_children_each_have_their_own(told, asked):
    names = ("two-systems-same-ids-1", "two-systems-same-ids-2")
    assert await told(asked("Emrys", "Tolland", "2011-03-01", "9998403359"), *names) == {"Self-harm"}
    assert await told(asked("Fenella", "Ivybridge", "2015-09-21", "9998404029")) == {"Epilepsy"}


async def test_an_ambiguous_disclosure_is_nobodys(told, asked):
    held = await told(
        asked("Caspar", "Yelland", "2012-01-09", "9998402018"), "nothing-readable-1", "same-id-two-fullurls"
    )
    assert not held


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("restricted-label-older-system", ("Ilse", "Jevington", "2014-10-10", "9998405378")),
        ("restricted-bundle-label", ("Jorun", "Kelsale", "2014-10-11", "9998406048")),
    ],
)
async def test_a_restricted_child_is_withheld(told, asked, name, person):
    assert await told(asked(*person), name) is None


async def test_negated_conditions_are_not_told_and_are_no_gap_but_for_the_modifier(told, asked, store):
    assert await told(asked("Odile", "Wexcombe", "2014-05-06", "9998400678"), "negated-conditions") == {"Asthma"}


@pytest.mark.parametrize("names", [("retraction-1", "retraction-2"), ("retraction-2", "retraction-1")])
async def test_a_retraction_is_obeyed_in_either_order(told, asked, names):
    assert await told(asked("Benno", "Askrigg", "2013-03-04", "9998401348"), *names) == {"Eczema"}


async def test_a_stated_merge_is_one_person_with_both_records(told, asked):
    held = await told(asked("Minna", "Oakhanger", "2011-04-03", "9998408040"), "merged-by-reference")
    assert held in (None, {"Child at risk of abuse", "Asthma"})


async def test_a_file_that_nothing_can_be_read_of_is_a_gap(told, asked, store):
    await told(asked("Una", "Udimore", "2013-11-11", "9998990017"), "nothing-readable-1", "nothing-readable-2")
    assert (await store.coverage()).gaps != ""


async def test_onsets_in_part_are_told(told, asked):
    held = await told(asked("Quill", "Rudgwick", "2012-08-08", "9998409381"), "partial-onset")
    assert held == {"Depression", "Anxiety"}
