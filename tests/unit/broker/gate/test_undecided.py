"""What a request says and no gate decides on yet is named: nobody may take it for weighed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from broker.gate.undecided import CARRIED, DECIDED, NOT_DECIDED_YET, not_decided_on_yet
from schemas.request_form import RatedForm, RequestForm
from schemas.scalars import Wire

LISTED = {*DECIDED, *CARRIED, *NOT_DECIDED_YET}


def paths(model: type[Wire], before: str = "") -> Iterator[str]:
    """Yield every field that a form may say something in, as far down as the lists go."""
    for name, field in model.model_fields.items():
        path = f"{before}{name}"
        inner = [one for one in records(field.annotation) if path not in LISTED]
        yield from paths(inner[0], f"{path}.") if inner else (path,)


def records(annotation: Any) -> Iterator[type[Wire]]:
    if isinstance(annotation, type) and issubclass(annotation, Wire):
        yield annotation
    for inner in get_args(annotation):
        yield from records(inner)


def test_every_field_of_the_form_is_decided_on_or_carried_or_said_to_be_neither_yet() -> None:
    """A field that is added and stands in no list would be ignored in silence."""
    assert sorted(paths(RequestForm)) == sorted([*DECIDED, *CARRIED, *NOT_DECIDED_YET])


def test_what_says_nothing_is_not_named(form: dict[str, Any]) -> None:
    assert not_decided_on_yet(RatedForm.model_validate(form)) == ()


def test_what_is_said_and_not_decided_on_is_named(form: dict[str, Any], agreed: dict[str, Any]) -> None:
    child, adult = form["people"]
    asked = {
        **form,
        "level": "LEVEL_4",
        "people": [child, {**adult, "no_consent_reason": "CANNOT_GIVE"}],
        "agreements": [{**agreed, "capacity": "PARENTAL_RESPONSIBILITY"}],
        "override": {"manager": "mm-02", "rationale": "risk", "oversight_ref": "OV-17", "alone": True},
    }
    named = set(not_decided_on_yet(RatedForm.model_validate(asked)))
    assert {"level", "people.no_consent_reason", "agreements.capacity", "override.alone"} <= named
    assert "gdpr_consent" not in named
