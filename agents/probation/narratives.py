"""How probation's answers are put into words.

Each mapping sees only what its row of `release.toml` reads, and writes a sentence or two for a social worker. It
adds no judgement: what was recorded and assessed is said, and what it means for the child is for a practitioner.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from agents.sdk.mapping.reader import Narrative, Narratives
from agents.sdk.mapping.risk_levels import CHILDREN
from agents.sdk.mapping.values import Fields, day_in_words, when

_NEEDS: Final = frozenset({"IDENTIFIED_NEED", "STANDARD", "SEVERE"})
_MAPPA_CATEGORIES: Final = {
    Decimal(1): "registered sexual offender",
    Decimal(2): "violent or other sexual offender",
    Decimal(3): "other dangerous offender",
    Decimal(4): "terrorist or terrorist risk offender",
}
_MOST_PLACES: Final = 12
_NEVER: Final = 2200
"""From here on a date is a system's way of writing that there is no end."""

_WHO: Final = "The supervised person"


def _sentences(*parts: tuple[str, str | None]) -> str:
    return " ".join(f"{label}: {text.rstrip('.')}." for label, text in parts if text)


def _on(fields: Fields, name: str) -> str | None:
    day = fields.day(name)
    return day_in_words(day) if day else None


def _number(value: Decimal | None) -> str | None:
    """Write a number as people do; one that nobody can mean is only said to stand there."""
    if value is None:
        return None
    return f"{value.normalize():f}" if abs(value.adjusted()) < _MOST_PLACES else "not readable"


def _lead_contact(fields: Fields) -> str | None:
    name = " ".join(part for part in (fields.text("name/forename"), fields.text("name/surname")) if part)
    if not name and not fields.text("team/description"):
        return None
    not_allocated = " (not yet allocated)" if fields.yes_no("allocated") is False else ""
    return _sentences(
        (f"Community probation manager{not_allocated}", name or "not named"),
        ("Team", fields.text("team/description")),
        ("Telephone", fields.text("telephoneNumber") or fields.text("team/telephoneNumber")),
        ("Email", fields.text("email") or fields.text("team/email")),
    )


def _supervision(fields: Fields) -> str:
    number = _number(fields.number("number"))
    state = {True: "active", False: "ended", None: "whether active is not recorded"}[fields.yes_no("active")]
    custodial = fields.yes_no("custodial")
    custodial = fields.yes_no("sentence/custodial") if custodial is None else custodial
    kind = {True: ", custodial", False: ", not custodial", None: ""}[custodial]
    length, units = _number(fields.number("sentence/length")), fields.text("sentence/lengthUnits")
    told = _sentences(
        ("Sentence", fields.text("sentence/description")),
        ("Length", f"{length} {units.casefold()}" if length not in (None, "0") and units else None),
        ("Sentenced on", _on(fields, "sentence/date")),
        ("Began on", _on(fields, "date")),
        ("Ends or ended on", _on(fields, "endDate")),
    )
    return f"Probation supervision{f' {number}' if number else ''}: {state}{kind}. {told}".rstrip()


def _main_offence(fields: Fields) -> str | None:
    what = fields.text("description") or fields.text("mainCategory/description")
    code = fields.text("code")
    if what is None and code is None:
        return None  # a date alone tells nothing
    shown = f"{what} (Home Office code {code})" if what and code and code not in what else what or f"code {code}"
    return _sentences(
        ("Main offence", shown),
        ("Date", _on(fields, "date")),
        ("Supervision", _number(fields.number("number"))),
    )


def _court(fields: Fields) -> str | None:
    if not any((fields.text("type"), fields.text("court"), fields.text("plea"))):
        return None
    return _sentences(
        ("Court appearance", fields.text("type") or "kind not recorded"),
        ("Date", _on(fields, "date")),
        ("Court", fields.text("court")),
        ("Plea", fields.text("plea")),
    )


def _case_court(fields: Fields) -> str | None:
    if fields.text("court/name") is None:
        return None
    return _sentences(("Court appearance", fields.text("court/name")), ("Date", _on(fields, "date")))


def _case_sentence(fields: Fields) -> str | None:
    told = _sentences(
        ("Sentenced on", _on(fields, "date")),
        ("Released on", _on(fields, "releaseDate")),
        ("Release expected on", _on(fields, "expectedReleaseDate")),
    )
    return f"{_WHO}'s sentence. {told}" if told else None


def _registration(fields: Fields) -> str | None:
    code, what = fields.text("code"), fields.text("description")
    if code is None and what is None:
        return None
    return _sentences(
        ("Probation registration", f"{what} ({code})" if what and code else what or code),
        ("Since", _on(fields, "startDate")),
        ("Next review", _on(fields, "reviewDate")),
        ("Ends", _end(fields)),
    )


def _end(fields: Fields) -> str | None:
    day = fields.day("endDate") or fields.day("deregistrationDate")
    if day is None:
        return None
    return "no end is set" if day.year >= _NEVER else day_in_words(day)


def _mappa(fields: Fields) -> str | None:
    level, category = fields.number("level"), fields.number("category")
    if level is None and category is None:
        return None
    meaning = _MAPPA_CATEGORIES.get(category) if category is not None else None
    described = fields.text("categoryDescription") or meaning
    return "Managed under MAPPA (multi-agency public protection arrangements). " + _sentences(
        ("Level", _described(level, fields.text("levelDescription"))),
        ("Category", _described(category, described)),
        ("Since", _on(fields, "startDate")),
        ("Next review", _on(fields, "reviewDate")),
        ("Ends", _end(fields)),
    )


def _described(number: Decimal | None, description: str | None) -> str | None:
    shown = _number(number)
    return shown if shown is None or description is None else f"{shown}, {description}"


def _rosh(fields: Fields) -> str:
    community, overall = fields.text("riskInCommunity"), fields.text("overallRiskLevel")
    children = community is not None and community.startswith(CHILDREN)
    return _sentences(
        ("Risk of serious harm in the community", community if children else f"{CHILDREN}: not recorded"),
        ("Others in the community", None if children else community),
        ("Overall level", overall.replace("_", " ") if overall else None),
        ("Assessed on", _on(fields, "assessedOn")),
        ("Who is at risk", fields.text("whoIsAtRisk")),
        ("Nature of the risk", fields.text("natureOfRisk")),
        ("When it is greatest", fields.text("riskImminence")),
        ("What increases it", fields.text("riskIncreaseFactors")),
        ("What reduces it", fields.text("riskMitigationFactors")),
    )


def _band(fields: Fields, name: str) -> str | None:
    level = fields.text(name)
    return level.replace("_", " ") if level else None


def _score(what: str) -> Narrative:
    return lambda fields: _scored(fields, (what, _band(fields, "scoreLevel")))


def _sexual(fields: Fields) -> str:
    return _scored(
        fields,
        ("Contact sexual reoffending", _band(fields, "contactScoreLevel")),
        ("Indecent image reoffending", _band(fields, "indecentScoreLevel")),
    )


def _scored(fields: Fields, *bands: tuple[str, str | None]) -> str:
    status = fields.text("assessmentStatus")
    unfinished = None if status in (None, "COMPLETE") else status
    return _sentences(*bands, ("Assessed on", _on(fields, "completedDate")), ("Assessment", unfinished))


def _need(fields: Fields) -> str | None:
    stated = {fields.text("needStatus"), fields.text("severity")} & _NEEDS
    harm, again = fields.yes_no("riskOfHarm"), fields.yes_no("riskOfReoffending")
    what = fields.text("name") or fields.text("section")
    if what is None or not (stated or harm or again):
        return None  # assessed, and said not to be there
    return _sentences(
        ("Need identified" if stated else "Need", what),
        ("Severity", fields.text("severity")),
        ("Linked to risk of harm", "yes" if harm else None),
        ("Linked to reoffending", "yes" if again else None),
        ("Assessed on", _on(fields, "assessedOn")),
    )


def _address(fields: Fields) -> str | None:
    house = " ".join(part for part in (fields.text("addressNumber"), fields.text("streetName")) if part)
    rest = (fields.text(part) for part in ("town", "district", "county", "postcode"))
    lines = ", ".join(part for part in (fields.text("buildingName"), house, *rest) if part)
    where = lines or ("no fixed abode" if fields.yes_no("noFixedAbode") else None)
    if where is None:
        return None
    return _sentences(
        (f"{_WHO}'s address", where),
        ("Kind", fields.text("type/description")),
        ("From", _on(fields, "from")),
        ("To", _on(fields, "to")),
    )


def _died(fields: Fields) -> str:
    day = fields.day()
    return f"{_WHO} died {when(day)}." if day else f"{_WHO} has died; the date cannot be read."


NARRATIVES: Final[Narratives] = {
    "offender": {"/dateOfDeath": _died},
    "case-details": {
        "/courtAppearance": _case_court,
        "/sentence": _case_sentence,
        "/ogrsScore": _score("Reconviction (OGRS)"),
        "/rsrScore": _score("Serious reoffending (RSR)"),
    },
    "supervisions": {
        "/communityManager": _lead_contact,
        "/mappaDetail": _mappa,
        "/supervisions/*": _supervision,
        "/supervisions/*/mainOffence": _main_offence,
        "/supervisions/*/courtAppearances/*": _court,
        "/dynamicRisks/*": _registration,
        "/personStatus/*": _registration,
    },
    "registrations": {"/data/*": _registration},
    "mappa": {"/data": _mappa},
    "risks": {"/summary": _rosh},
    "scores": {
        "/data/*/generalPredictor": _score("General reoffending (OGP)"),
        "/data/*/violencePredictor": _score("Violent reoffending (OVP)"),
        "/data/*/groupReconviction": _score("Reconviction (OGRS)"),
        "/data/*/riskOfSeriousRecidivism": _score("Serious reoffending (RSR)"),
        "/data/*/sexualPredictor": _sexual,
    },
    "needs": {"/needs/*": _need},
    "addresses": {"/contactDetails/addresses/*": _address},
}
"""The mapping of every row of `release.toml` that releases an item."""
