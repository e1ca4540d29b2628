"""Levels of risk: either writing reads alike, children come first, and nothing unreadable is left out."""

import pytest

from agents.sdk.mapping.risk_levels import NO_LEVEL, read_level, write_levels


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("HIGH ", "HIGH"),
        ("very high", "VERY_HIGH"),
        ("VERY_HIGH", "VERY_HIGH"),
        ("NOT_APPLICABLE", NO_LEVEL),
        ("44", None),
        ("", None),
        (44, None),
        (True, None),
        (None, None),
    ],
)
def test_a_level_has_one_writing(written, level):
    assert read_level(written) == level


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"public": "LOW", "children": "HIGH "}, "children: HIGH; public: LOW"),
        ({"LOW": ["Public"], "HIGH ": ["Children", "Known adult"]}, "children: HIGH; known adult: HIGH; public: LOW"),
        ({"HIGH": "Children"}, "children: HIGH"),
        ({"HIGH": ["Former  partner", 7, "string"]}, "Former partner: HIGH; not readable: HIGH; not readable: HIGH"),
        ({"children": "string", "staff": None}, "children: not readable"),
        ({"LOW": ["Children"], "HIGH": ["Children"]}, "children: HIGH; children: LOW"),
        ({}, None),
        (["HIGH"], None),
        ("HIGH", None),
    ],
)
def test_levels_of_groups_are_written_children_first(value, written):
    assert write_levels(value) == written
