"""The Department for Education's children in need census, one XML file a year (ref 5.5).

A child is one record, and so is each of the child's episodes of need, known by its day of referral: next year's file
brings what is still open again, with its end. Nobody in it has a name: a child is known by the authority's own number
(`LAchildID`), by UPN, and by date of birth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, final

from agents.sdk.format import Document, FileTerms, Finding, Format, Readers
from agents.sdk.mapping.results import IgnoredField, Json, JsonObject, RecordFound, RecordVersion, Rejected
from agents.sdk.mapping.versions import moment
from agents.sdk.reading import Extracted

from .coded_values import ended, reference, sex, yes_no
from .xml_document import looks_like_xml, parse_xml

CHILD: Final = "cin.child"
EPISODE: Final = "cin.episode"
SYSTEM: Final = "CIN census"

_GROUPS: Final = ("Assessments", "CINPlanDates", "Section47", "ChildProtectionPlans")
_SEVERAL: Final = frozenset({"Child", "CINdetails", "Disability", "AssessmentFactors", *_GROUPS})
_SEXES: Final = ("GenderCurrent", "Sex")
_UNREAD: Final = "ReferralSource"
"""No row reads who referred: counted by its name, which no unknown element is."""

_NO_DISABILITY: Final = "NONE"
_ENDS: Final = ("CINclosureDate", "CINPlanEndDate", "CPPendDate")
_YES_NO: Final = ("ReferralNFA", "ICPCnotRequired")


@final
class Census(Format):
    """A whole authority's census."""

    name = "cin-census"

    def decode(self, data: bytes) -> Json:
        """Read an XML file."""
        return parse_xml(data, several=_SEVERAL) if looks_like_xml(data) else None

    def recognises(self, document: Document, readers: Readers, *, asked_for: bool) -> bool:
        """Take a message whose collection is the census, or any message with children where it was asked for."""
        message = _message(document)
        collection = _object(message, "Header", "CollectionDetails").get("Collection")
        return bool(_children(message)) and (asked_for or collection == "CIN")

    def _records(self, document: Document, terms: FileTerms) -> Iterator[Finding]:
        message = _message(document)
        source = _object(message, "Header", "Source")
        made = moment(source.get("DateTime"))
        if made is not None:
            yield Extracted(made)
        custodian, version = terms.source or f"LA {source.get('LEA') or 'not stated'}", RecordVersion(updated=made)
        for place, child in enumerate(_children(message)):
            at = f"/Message/Children/Child/{place}"
            if isinstance(child, dict):
                yield from _of_child(child, at, custodian, version)
            else:
                yield Rejected(at=at, reason="WRONG_SHAPE")


def _of_child(child: JsonObject, at: str, custodian: str, version: RecordVersion) -> Iterator[Finding]:
    identifiers = _object(child, "ChildIdentifiers")
    number = identifiers.get("LAchildID")
    if not isinstance(number, str):  # without it, nothing says whose the episodes are
        yield Rejected(at=f"{at}/ChildIdentifiers/LAchildID", reason="NO_SUBJECT")
        return

    def found(record_type: str, part_at: str, known_by: str, payload: JsonObject) -> RecordFound:
        return RecordFound(
            at=part_at,
            pattern="/Message/Children/Child/*" + ("/CINdetails/*" if record_type == EPISODE else ""),
            record_type=record_type,
            custodian=custodian,
            system=SYSTEM,
            reference=known_by,
            person_id=None,
            payload=payload,
            payload_at=part_at,
            version=version,
        )

    described = identifiers | {name: sex(identifiers[name]) for name in _SEXES if name in identifiers}
    whole = {name: value for name, value in child.items() if name != "CINdetails"}
    whole |= {"ChildCharacteristics": _characteristics(_object(child, "ChildCharacteristics"))}
    yield found(CHILD, at, reference(number), whole | {"ChildIdentifiers": described})
    episodes = child.get("CINdetails")
    times: Counter[str] = Counter()
    for place, episode in enumerate(episodes if isinstance(episodes, list) else []):
        part_at = f"{at}/CINdetails/{place}"
        if not isinstance(episode, dict):
            yield Rejected(at=part_at, reason="WRONG_SHAPE")
            continue
        if episode.get(_UNREAD) is not None:
            yield IgnoredField(pattern=f"/Message/Children/Child/*/CINdetails/*/{_UNREAD}")
        known_by = reference(number, episode.get("CINreferralDate"))
        times[known_by] += 1
        again = f"/{times[known_by]}" if times[known_by] > 1 else ""
        yield found(EPISODE, part_at, known_by + again, _plain(episode) | {"LAchildID": number})


def _characteristics(characteristics: JsonObject) -> JsonObject:
    """Leave out the code for no disability, which the kit would flag as a placeholder."""
    held = _object(characteristics, "Disabilities").get("Disability")
    stated: Json = [one for one in held if one != _NO_DISABILITY] if isinstance(held, list) else held
    disabilities: Json = {"Disability": stated}
    return characteristics | {"Disabilities": disabilities}


def _plain(part: JsonObject) -> JsonObject:
    """Write one group of an episode as its rows read it; the factors of an assessment stand beside its dates."""
    plain = {name: value for name, value in part.items() if name not in (_UNREAD, "FactorsIdentifiedAtAssessment")}
    plain |= _object(part, "FactorsIdentifiedAtAssessment")
    plain |= {name: ended(plain[name]) for name in _ENDS if name in plain}
    plain |= {name: yes_no(plain[name]) for name in _YES_NO if name in plain}
    for group in _GROUPS:
        if isinstance(held := plain.get(group), list):
            plain[group] = [_plain(one) if isinstance(one, dict) else one for one in held]
    return plain


def _message(document: Document) -> JsonObject:
    return _object(document, "Message") if isinstance(document, dict) else {}


def _children(message: JsonObject) -> list[Json]:
    children = _object(message, "Children").get("Child")
    return children if isinstance(children, list) else []


def _object(value: Json, *names: str) -> JsonObject:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
