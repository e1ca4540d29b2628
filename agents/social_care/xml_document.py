"""An XML file as the objects that a format reads: the one door to an XML parser.

Promise: a document type, an entity and an outside reference are refused before they are read, so that no file can
swell up in memory or fetch another. Attributes and namespaces are left out: what is read stands in elements.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from agents.sdk.mapping.results import Json, JsonObject
from agents.sdk.parse import MOST_VALUES
from broker.errors import RejectedError

DEEPEST: Final = 30
"""Elements inside each other; the census has seven."""

_BEFORE_MARKUP: Final = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


def looks_like_xml(data: bytes) -> bool:
    """Return whether a file begins as XML does, whatever its encoding."""
    return data[:64].lstrip(_BEFORE_MARKUP).startswith(b"<")


def parse_xml(data: bytes, *, several: frozenset[str]) -> JsonObject:
    """Read an XML document into one object. Raises: RejectedError `NOT_XML`, `TOO_MANY_VALUES`.

    An element without children is its text, or null. Elements named in `several` are a list even where there is one.
    """
    if data.count(b"<") > MOST_VALUES:
        raise RejectedError("TOO_MANY_VALUES")
    try:
        root = fromstring(data, forbid_dtd=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError):  # LookupError: an encoding of no such name
        raise RejectedError("NOT_XML") from None
    return {_name(root): _read(root, several, DEEPEST)}


def _read(element: Element, several: frozenset[str], deeper: int) -> Json:
    if not deeper:
        raise RejectedError("NOT_XML")
    if len(element) == 0:
        return (element.text or "").strip() or None
    held: JsonObject = {}
    for child in element:
        name, value = _name(child), _read(child, several, deeper - 1)
        there = held.get(name)
        if isinstance(there, list):
            there.append(value)
        elif name in several or name in held:  # twice where once is meant: of another shape than its row says
            held[name] = [there, value] if name in held else [value]
        else:
            held[name] = value
    return held


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
