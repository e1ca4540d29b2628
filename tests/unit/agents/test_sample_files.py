"""The invented twins of the published samples: each has its file's structure, every format has one, nobody is real."""

import json
import re
from xml.etree import ElementTree

import pytest

from tests.sample_files import INVENTED, PUBLISHED, present

TWINS = sorted(
    path.relative_to(INVENTED.folder).as_posix() for path in INVENTED.folder.glob("*/**/*") if path.is_file()
)
WHOLE = ("dfe_cin", "dfe_ssda903", "dfe_sui/custodians", "dfe_sui/records", "fhir_r4", "hmpps_probation", "nhs_pds")
"""Folders of which tests read every file."""
NO_RECORDS = ("openapi-specs", "prismMocks")
"""How documents are named that every agent rejects at the top: below it they have nothing that a test could miss."""


def structure(path):
    """Return every place in the file with the type of what stands there; items of a list share one place."""
    text = path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix == ".csv":
        return {text.splitlines()[0]}
    if path.suffix == ".xml":
        return set(elements(ElementTree.fromstring(text)))
    document = json.loads(text)
    if path.name.startswith(NO_RECORDS):
        return set(document)
    return set(places(document)) | {("utf-8", "\ufffd" not in text)}


def elements(element, at=""):
    yield f"{at}/{element.tag}"
    for child in element:
        yield from elements(child, f"{at}/{element.tag}")


def places(value, at=""):
    kind = "number" if type(value) in {int, float} else type(value).__name__
    yield at, kind
    children = value.items() if isinstance(value, dict) else (("*", one) for one in value) if kind == "list" else ()
    for step, child in children:
        yield from places(child, f"{at}/{step}")


def test_a_place_is_told_by_its_type(tmp_path):
    path = tmp_path / "one.json"
    path.write_text('{"a": [{"b": 1}, {"b": 2.5, "c": null}], "d": true}')
    rows = [("", "dict"), ("/a", "list"), ("/a/*", "dict"), ("/a/*/b", "number"), ("/a/*/c", "NoneType")]
    assert structure(path) == {*rows, ("/d", "bool"), ("utf-8", True)}


def test_each_twin_has_its_published_files_structure():
    published = present(PUBLISHED)
    assert [name for name in TWINS if structure(INVENTED / name) != structure(published / name)] == []


@pytest.mark.parametrize("folder", WHOLE)
def test_every_structure_that_is_published_has_a_twin(folder):
    twins = [structure(path) for path in (INVENTED / folder).iterdir()]
    without = [path.name for path in (present(PUBLISHED) / folder).iterdir() if structure(path) not in twins]
    assert without == []


def test_the_twins_numbers_are_from_the_range_kept_for_tests():
    """An NHS number that could be somebody's is nobody's to publish; 1111111111 stands for "not known"."""
    texts = [(INVENTED / name).read_bytes().decode("utf-8", errors="replace") for name in TWINS]
    numbers = {number for text in texts for number in re.findall(r'"(\d{10})"', text)}
    assert len(numbers) > 20
    assert {number for number in numbers if not number.startswith("999")} == {"1111111111"}
