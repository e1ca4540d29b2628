"""How social care's records are put into words (ref 5.5).

Each mapping sees only what its row of `release.toml` reads, and writes a sentence or two for a social worker. It
adds no judgement, and tells an end wherever it tells a beginning: what is over never reads as in force.
"""

from __future__ import annotations

from pathlib import Path
from tomllib import loads
from typing import Final

from agents.sdk.mapping.reader import Narratives
from agents.sdk.mapping.sentences import dated, labelled, labelled_period, on, period, sentences
from agents.sdk.mapping.values import Fields

_CODES: Final[dict[str, dict[str, str]]] = loads(Path(__file__).with_name("codes.toml").read_text(encoding="utf-8"))
_NOBODYS_ETHNICITY: Final = frozenset({"REFU", "NOBT"})
_NO_FACTOR: Final = "21"


def _in_words(codes: str, code: str | None) -> str | None:
    return None if code is None else _CODES[codes].get(code.upper(), f"code {code}")


# ---------------------------------------------------------------- the Department's record types, Mosaic


def _status_and_plan(fields: Fields) -> str:
    return sentences(("Status", fields.text("status")), ("Plan", fields.text("plan")))


def _referral(fields: Fields) -> str:
    return sentences(("Referral", fields.text("type") or "kind not recorded"), ("Date", on(fields, "date")))


def _dated_referral(fields: Fields) -> str:
    return f"Referral to children's social care: {on(fields, 'date')}."


def _case(fields: Fields) -> str:
    return f"Children's social care case: {fields.text()}, {period(fields, 'startDate', 'endDate')}."


def _category(written: str | None) -> str | None:
    return _CODES["abuse"].get(written, written) if written else None


def _plan(fields: Fields) -> str:
    return f"{fields.text()}, {period(fields, 'start', 'end')}. " + sentences(
        ("Level", fields.text("level")), ("Category", _category(fields.text("category")))
    )


# ---------------------------------------------------------------- the children in need census


def _ethnicity(fields: Fields) -> str | None:
    code = fields.text()
    return None if code in _NOBODYS_ETHNICITY else f"Ethnicity: {_in_words('ethnicity', code)}."


def _disability(fields: Fields) -> str:
    return f"Disability: {_in_words('disability', fields.text())}."


def _census_referral(fields: Fields) -> str:
    closed = on(fields, "CINclosureDate")
    reason = _in_words("closure", fields.text("ReasonForClosure"))
    no_action = fields.yes_no("ReferralNFA")
    state = "No further action was taken on it." if no_action else "Case open: no closure is recorded."
    ended = sentences(("Case closed", closed), ("Reason", reason)) if closed or reason else state
    return f"Referral to children's social care: {on(fields, '')}. {ended}"


def _need(fields: Fields) -> str:
    return sentences(("Primary need", _in_words("need", fields.text())), ("Referred", on(fields, "CINreferralDate")))


def _assessment(fields: Fields) -> str:
    return f"Assessment {period(fields, 'AssessmentActualStartDate', 'AssessmentAuthorisationDate')}."


def _factor(fields: Fields) -> str | None:
    code = fields.text()
    if code == _NO_FACTOR:
        return None
    begun = on(fields, "AssessmentActualStartDate")
    return sentences(("Factor identified at assessment", _in_words("factor", code)), ("Assessment began", begun))


def _need_plan(fields: Fields) -> str:
    return f"Child in need plan {period(fields, 'CINPlanStartDate', 'CINPlanEndDate')}."


def _enquiry(fields: Fields) -> str:
    held, not_required = on(fields, "DateOfInitialCPC"), fields.yes_no("ICPCnotRequired")
    begun = on(fields, "S47ActualStartDate") or "date not recorded"
    conference = held or ("not required" if not_required else "none recorded")
    return f"Section 47 enquiry begun: {begun}. " + sentences(("Initial child protection conference", conference))


def _protection_plan(fields: Fields) -> str:
    first, latest = fields.text("InitialCategoryOfAbuse"), fields.text("LatestCategoryOfAbuse")
    earlier = fields.text("NumberOfPreviousCPP")
    return f"Child protection plan {period(fields, 'CPPstartDate', 'CPPendDate')}. " + sentences(
        ("Category", _in_words("abuse", latest or first)),
        ("First category", _in_words("abuse", first) if latest and first != latest else None),
        ("Earlier child protection plans", earlier),
    )


# ---------------------------------------------------------------- the return of children looked after


def _looked_after(fields: Fields) -> str:
    return f"Looked after {period(fields, '', 'DEC')}. " + sentences(
        ("Legal status", _in_words("legal_status", fields.text("LS"))),
        ("Placement", _in_words("placement", fields.text("PLACE"))),
        ("How it ended", _in_words("ceased", fields.text("REC")) if on(fields, "DEC") else None),
    )


def _missing(fields: Fields) -> str:
    what = _CODES["missing"].get(fields.text("MISSING") or "", "Missing or away from placement")
    return f"{what} {period(fields, '', 'MIS_END')}."


_REFERRALS: Final = {"/childrensServicesReferrals/*": _referral, "/cscReferrals/*": _referral}
NARRATIVES: Final[Narratives] = {
    "childrens-services.details": {
        "/keyWorker": labelled("Allocated key worker"),
        "/teamInvolvement/*": labelled("Team involved"),
        "/dutyContactDetails/*": labelled("Duty contact of the service"),
        "/cscActiveStatusesAndPlans/*": _status_and_plan,
        **_REFERRALS,
    },
    "local-authority.children-social-care": {"/status": _case},
    "social-care.allocation": {
        "/worker": labelled_period("Allocated worker"),
        "/team": labelled_period("Allocated team"),
    },
    "social-care.plan": {"/plan": _plan},
    "mosaic": {"/referrals/*": _dated_referral},
    "cin.child": {
        "/ChildIdentifiers/PersonDeathDate": dated("Recorded as having died"),
        "/ChildCharacteristics/Ethnicity": _ethnicity,
        "/ChildCharacteristics/Disabilities/Disability/*": _disability,
    },
    "cin.episode": {
        "/CINreferralDate": _census_referral,
        "/PrimaryNeedCode": _need,
        "/DateOfInitialCPC": dated("Initial child protection conference"),
        "/Assessments/*": _assessment,
        "/Assessments/*/AssessmentFactors/*": _factor,
        "/CINPlanDates/*": _need_plan,
        "/Section47/*": _enquiry,
        "/ChildProtectionPlans/*": _protection_plan,
    },
    "ssda903.header": {"/ETHNIC": _ethnicity},
    "ssda903.episodes": {"/DECOM": _looked_after},
    "ssda903.missing": {"/MIS_START": _missing},
    "ssda903.uasc": {"/DUC": dated("Unaccompanied asylum-seeking child; the status ends")},
}
"""The mapping of every row of `release.toml` that releases an item."""
