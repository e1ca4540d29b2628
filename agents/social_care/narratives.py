"""How social care's records are put into words (ref 5.5).

Each mapping sees only what its row of `release.toml` reads, and writes a sentence or two for a social worker. It
adds no judgement, and tells an end wherever it tells a beginning: what is over never reads as in force.
"""

from __future__ import annotations

from pathlib import Path
from tomllib import loads
from typing import Final

from agents.sdk.mapping.reader import Narrative, Narratives
from agents.sdk.mapping.values import Fields, Unreadable, day_in_words

_CODES: Final[dict[str, dict[str, str]]] = loads(Path(__file__).with_name("codes.toml").read_text(encoding="utf-8"))
_NOBODYS_ETHNICITY: Final = frozenset({"REFU", "NOBT"})
_NO_FACTOR: Final = "21"
_DAY_UNKNOWN: Final = "date not readable"


def _sentences(*parts: tuple[str, str | None]) -> str:
    return " ".join(f"{label}: {text.rstrip('.')}." for label, text in parts if text)


def _in_words(codes: str, code: str | None) -> str | None:
    return None if code is None else _CODES[codes].get(code.upper(), f"code {code}")


def _on(fields: Fields, name: str) -> str | None:
    """Write a date; one that is there and cannot be read is said to be so, never left out."""
    day = fields.day(name)
    if day is not None:
        return day_in_words(day)
    return _DAY_UNKNOWN if isinstance(fields.values[name], Unreadable) else None


def _period(fields: Fields, start: str, end: str) -> str:
    begun, over = _on(fields, start) or "date not recorded", _on(fields, end)
    return f"from {begun} to {over}" if over else f"since {begun}, no end recorded"


def _labelled(label: str) -> Narrative:
    return lambda fields: f"{label}: {fields.text()}."


# ---------------------------------------------------------------- the Department's record types, Mosaic


def _status_and_plan(fields: Fields) -> str:
    return _sentences(("Status", fields.text("status")), ("Plan", fields.text("plan")))


def _referral(fields: Fields) -> str:
    return _sentences(("Referral", fields.text("type") or "kind not recorded"), ("Date", _on(fields, "date")))


def _dated_referral(fields: Fields) -> str:
    return f"Referral to children's social care: {_on(fields, 'date')}."


def _case(fields: Fields) -> str:
    return f"Children's social care case: {fields.text()}, {_period(fields, 'startDate', 'endDate')}."


def _allocated(what: str) -> Narrative:
    return lambda fields: f"{what}: {fields.text()}, {_period(fields, 'start', 'end')}."


def _category(written: str | None) -> str | None:
    return _CODES["abuse"].get(written, written) if written else None


def _plan(fields: Fields) -> str:
    return f"{fields.text()}, {_period(fields, 'start', 'end')}. " + _sentences(
        ("Level", fields.text("level")), ("Category", _category(fields.text("category")))
    )


# ---------------------------------------------------------------- the children in need census


def _died(fields: Fields) -> str:
    return f"Recorded as having died: {_on(fields, '')}."


def _ethnicity(fields: Fields) -> str | None:
    code = fields.text()
    return None if code in _NOBODYS_ETHNICITY else f"Ethnicity: {_in_words('ethnicity', code)}."


def _disability(fields: Fields) -> str:
    return f"Disability: {_in_words('disability', fields.text())}."


def _census_referral(fields: Fields) -> str:
    closed = _on(fields, "CINclosureDate")
    reason = _in_words("closure", fields.text("ReasonForClosure"))
    no_action = fields.yes_no("ReferralNFA")
    state = "No further action was taken on it." if no_action else "Case open: no closure is recorded."
    ended = _sentences(("Case closed", closed), ("Reason", reason)) if closed or reason else state
    return f"Referral to children's social care: {_on(fields, '')}. {ended}"


def _need(fields: Fields) -> str:
    return _sentences(("Primary need", _in_words("need", fields.text())), ("Referred", _on(fields, "CINreferralDate")))


def _conference(fields: Fields) -> str:
    return f"Initial child protection conference: {_on(fields, '')}."


def _assessment(fields: Fields) -> str:
    return f"Assessment {_period(fields, 'AssessmentActualStartDate', 'AssessmentAuthorisationDate')}."


def _factor(fields: Fields) -> str | None:
    code = fields.text()
    if code == _NO_FACTOR:
        return None
    begun = _on(fields, "AssessmentActualStartDate")
    return _sentences(("Factor identified at assessment", _in_words("factor", code)), ("Assessment began", begun))


def _need_plan(fields: Fields) -> str:
    return f"Child in need plan {_period(fields, 'CINPlanStartDate', 'CINPlanEndDate')}."


def _enquiry(fields: Fields) -> str:
    held, not_required = _on(fields, "DateOfInitialCPC"), fields.yes_no("ICPCnotRequired")
    begun = _on(fields, "S47ActualStartDate") or "date not recorded"
    conference = held or ("not required" if not_required else "none recorded")
    return f"Section 47 enquiry begun: {begun}. " + _sentences(("Initial child protection conference", conference))


def _protection_plan(fields: Fields) -> str:
    first, latest = fields.text("InitialCategoryOfAbuse"), fields.text("LatestCategoryOfAbuse")
    earlier = fields.text("NumberOfPreviousCPP")
    return f"Child protection plan {_period(fields, 'CPPstartDate', 'CPPendDate')}. " + _sentences(
        ("Category", _in_words("abuse", latest or first)),
        ("First category", _in_words("abuse", first) if latest and first != latest else None),
        ("Earlier child protection plans", earlier),
    )


# ---------------------------------------------------------------- the return of children looked after


def _looked_after(fields: Fields) -> str:
    return f"Looked after {_period(fields, '', 'DEC')}. " + _sentences(
        ("Legal status", _in_words("legal_status", fields.text("LS"))),
        ("Placement", _in_words("placement", fields.text("PLACE"))),
        ("How it ended", _in_words("ceased", fields.text("REC")) if _on(fields, "DEC") else None),
    )


def _missing(fields: Fields) -> str:
    what = _CODES["missing"].get(fields.text("MISSING") or "", "Missing or away from placement")
    return f"{what} {_period(fields, '', 'MIS_END')}."


def _unaccompanied(fields: Fields) -> str:
    return f"Unaccompanied asylum-seeking child; the status ends: {_on(fields, '')}."


_REFERRALS: Final = {"/childrensServicesReferrals/*": _referral, "/cscReferrals/*": _referral}
NARRATIVES: Final[Narratives] = {
    "childrens-services.details": {
        "/keyWorker": _labelled("Allocated key worker"),
        "/teamInvolvement/*": _labelled("Team involved"),
        "/dutyContactDetails/*": _labelled("Duty contact of the service"),
        "/cscActiveStatusesAndPlans/*": _status_and_plan,
        **_REFERRALS,
    },
    "local-authority.children-social-care": {"/status": _case},
    "social-care.allocation": {
        "/worker": _allocated("Allocated worker"),
        "/team": _allocated("Allocated team"),
    },
    "social-care.plan": {"/plan": _plan},
    "mosaic": {"/referrals/*": _dated_referral},
    "cin.child": {
        "/ChildIdentifiers/PersonDeathDate": _died,
        "/ChildCharacteristics/Ethnicity": _ethnicity,
        "/ChildCharacteristics/Disabilities/Disability/*": _disability,
    },
    "cin.episode": {
        "/CINreferralDate": _census_referral,
        "/PrimaryNeedCode": _need,
        "/DateOfInitialCPC": _conference,
        "/Assessments/*": _assessment,
        "/Assessments/*/AssessmentFactors/*": _factor,
        "/CINPlanDates/*": _need_plan,
        "/Section47/*": _enquiry,
        "/ChildProtectionPlans/*": _protection_plan,
    },
    "ssda903.header": {"/ETHNIC": _ethnicity},
    "ssda903.episodes": {"/DECOM": _looked_after},
    "ssda903.missing": {"/MIS_START": _missing},
    "ssda903.uasc": {"/DUC": _unaccompanied},
}
"""The mapping of every row of `release.toml` that releases an item."""
