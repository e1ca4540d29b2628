"""FHIR's ways of writing a word, a period and a name, each as one text or one date."""

from __future__ import annotations

import re
from typing import Final

from agents.sdk.mapping.results import Json, JsonObject
from agents.sdk.mapping.values import is_nothing
from broker.holder.name_matching import split_name

_AFTER_NAME: Final = re.compile(r"\s*\([^()]{0,40}\)\s*$")
_FAMILY: Final = re.compile(r"(?=..)[^\W\d_]+(?:['’\-][^\W\d_]+)*")


def listed(value: Json) -> list[Json]:
    """Return a list as it is, and anything else as an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: Json) -> Json:
    """Write a CodeableConcept, a Coding, or a list of them as words; leave what is neither for the reader to flag."""
    if isinstance(value, list):
        texts = [text_of(one) for one in value]
        words = [text for text in texts if isinstance(text, str)]
        return "; ".join(dict.fromkeys(words)) if len(words) == len(texts) else value
    if not isinstance(value, dict):
        return value
    codings = [one for one in listed(value.get("coding")) if isinstance(one, dict)]
    spoken = [value.get("text"), value.get("display"), *(one.get("display") for one in codings)]
    coded = [value.get("code"), *(one.get("code") for one in codings)]
    return next((text for text in (*spoken, *coded) if isinstance(text, str) and text.strip()), None)


def start(value: Json) -> Json:
    """Return when a period begins; a date is its own beginning."""
    return value.get("start") if isinstance(value, dict) else value


def end(value: Json) -> Json:
    """Return when a period ends; a date is its own end."""
    return value.get("end") if isinstance(value, dict) else value


def display(value: Json) -> Json:
    """Return what a reference is called."""
    return value.get("display") if isinstance(value, dict) else value


def lines(value: Json) -> Json:
    """Write the lines of an address as one."""
    held = [line for line in listed(value) if isinstance(line, str) and line.strip()]
    return ", ".join(held) if isinstance(value, list) else value


def first_name(value: Json) -> Json:
    """Write the first of several names on one line: the usual one, if it says so."""
    names = [one for one in [*listed(value), value] if isinstance(one, dict)]
    if not names:
        return value
    first = min(names, key=lambda one: one.get("use") != "usual")
    parts = [part for part in (*listed(first.get("given")), first.get("family")) if isinstance(part, str)]
    return " ".join(parts) or first.get("text")


def taken_apart(name: JsonObject) -> JsonObject:
    """Take a name apart that is only written out: "BELL, Ann", "BELL Ann (Miss)", or with its family name last."""
    text = name.get("text")
    if not is_nothing(name.get("family")) or not is_nothing(name.get("given")) or not isinstance(text, str):
        return name
    text = _AFTER_NAME.sub("", text[:300])
    family, comma, given = text.partition(",")
    if comma and family.strip() and given.strip():
        return {"given": [*split_name(f"{given} x").given_names], "family": family.strip()}
    words = text.split()
    capitals = next((place for place, word in enumerate(words) if not _is_capitals(word)), len(words))
    if 0 < capitals < len(words):
        return {
            "given": [*split_name(" ".join([*words[capitals:], "x"])).given_names],
            "family": " ".join(words[:capitals]),
        }
    held = split_name(text)
    return {"given": [*held.given_names], "family": held.family_name}


def _is_capitals(word: str) -> bool:
    return word.isupper() and _FAMILY.fullmatch(word) is not None
