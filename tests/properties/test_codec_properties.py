"""The codec has one spelling for each value, and nothing but MalformedError for everything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator

from schemas.codec import FILES, MODELS, MalformedError, decode, decode_parts, encode, encode_parts
from schemas.family import Agreement, FamilyInformed, GdprConsent
from schemas.request import PersonAsked, RequestSaid
from schemas.scalars import Wire
from schemas.scalars import _one_line as one_line
from schemas.vocabulary import Birth, PersonRole
from tests.writing import lines, texts

MODELS_ALL = sorted(FILES, key=lambda model: model.__name__)
MOST_ITEMS = 3
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC) - EPOCH for year in (1, 9999))

few = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

# ---------------------------------------------------------------- values of every model, from its own annotations

LINES, TEXTS = lines(20), texts(20)
moments = st.integers(FIRST // timedelta(milliseconds=1), LAST // timedelta(milliseconds=1)).map(
    lambda milliseconds: EPOCH + timedelta(milliseconds=milliseconds)
)


def flat(constraints: tuple[Any, ...]) -> list[Any]:
    """Return the single constraints in pydantic's metadata."""
    return [each for one in constraints for each in getattr(one, "metadata", None) or [one]]


def value_of(annotation: Any, constraints: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return value_of(inner, (*constraints, *more))
    if origin in (Union, UnionType):
        (inner,) = [branch for branch in get_args(annotation) if branch is not type(None)]
        return st.none() | value_of(inner, constraints)
    bounds = {type(one): one for one in flat(constraints) if isinstance(one, MinLen | MaxLen | Ge | Le)}
    least = bounds[MinLen].min_length if MinLen in bounds else 0
    if origin is tuple:
        most = min(max(MOST_ITEMS, least), bounds[MaxLen].max_length)
        return st.lists(value_of(get_args(annotation)[0]), min_size=least, max_size=most).map(tuple)
    if annotation is str:
        checks = [one.func for one in flat(constraints) if isinstance(one, AfterValidator)]
        for words in (one.words for one in checks if hasattr(one, "words")):
            return st.sampled_from([word.value for word in words])
        if one_line in checks:
            return LINES
        patterns = [one.pattern for one in flat(constraints) if getattr(one, "pattern", None)]
        return st.from_regex(patterns[0], fullmatch=True).map(lambda text: text.rstrip("\n")) if patterns else TEXTS
    if annotation is bytes:
        return st.binary(min_size=least, max_size=max(least, 12))
    if annotation is int:
        return st.integers(bounds[Ge].ge, bounds[Le].le)
    if issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    simple: dict[type, st.SearchStrategy[Any]] = {bool: st.booleans(), date: st.dates(), datetime: moments}
    return simple[annotation] if annotation in simple else instance_of(annotation)


def instance_of(model: type[Wire]) -> st.SearchStrategy[Any]:
    fields = {
        name: st.deferred(lambda field=field: value_of(field.annotation, tuple(field.metadata)))
        for name, field in model.model_fields.items()
    }
    if issubclass(model, PersonAsked):
        return st.sampled_from(Birth).flatmap(lambda birth: st.builds(model, **fields | born(birth)))
    return st.builds(model, **fields | {name: kept for name, kept in KEPT.items() if name in fields and rules(model)})


# ---------------------------------------------------------------- what the rules of a request (CODEC-9) leave

CHILD = PersonRole.SUBJECT_CHILD
NAMED = "p0"
"""The ref of somebody who is always asked about."""


def rules(model: type[Wire]) -> bool:
    return issubclass(model, RequestSaid | Agreement | GdprConsent | FamilyInformed)


def born(birth: Birth) -> dict[str, st.SearchStrategy[Any]]:
    dated = birth in {Birth.EXACT, Birth.YEAR, Birth.ESTIMATED}
    return {
        "birth": st.just(birth),
        "date_of_birth": st.dates() if dated else st.none(),
        "expected": st.dates() if birth is Birth.UNBORN else st.none(),
        "family_name": LINES.map(lambda text: f"T{text}"),
        "roles": st.lists(st.sampled_from(PersonRole), min_size=1, max_size=MOST_ITEMS, unique=True).map(tuple),
    }


def one_child(people: list[PersonAsked]) -> tuple[PersonAsked, ...]:
    def roles(person: PersonAsked, place: int) -> tuple[PersonRole, ...]:
        others = tuple(role for role in person.roles if role is not CHILD)
        return (CHILD, *others) if place == 0 else others or (PersonRole.SIBLING,)

    return tuple(
        PersonAsked(**dict(person) | {"ref": f"p{place}", "roles": roles(person, place)})
        for place, person in enumerate(people)
    )


KEPT: dict[str, st.SearchStrategy[Any]] = {
    "people": st.deferred(lambda: st.lists(instance_of(PersonAsked), min_size=1, max_size=MOST_ITEMS).map(one_child)),
    "person": st.just(NAMED),
    "note": TEXTS.map(lambda text: f"T{text}"),
}


INSTANCES = {model: instance_of(model) for model in FILES}
every_model = pytest.mark.parametrize("model", MODELS_ALL, ids=lambda model: model.__name__)


def accepted_only_as_itself(model: type[Wire], data: bytes) -> Wire | None:
    """Decode; whatever is accepted must be the one encoding of what was read."""
    try:
        value = decode(model, data)
    except MalformedError:
        return None
    assert encode(value) == data
    return value


# ---------------------------------------------------------------- there and back


@every_model
@few
@given(data=st.data())
def test_what_was_encoded_decodes_to_itself(model: type[Wire], data: st.DataObject) -> None:
    """So pydantic turns no Avro value into another one on the way in."""
    value = data.draw(INSTANCES[model])
    assert decode(model, encode(value)) == value
    assert model.model_validate_json(value.model_dump_json()) == value


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.__name__)
@few
@given(data=st.data())
def test_parts_are_the_record_in_order(model: type[Wire], data: st.DataObject) -> None:
    value = data.draw(INSTANCES[model])
    parts = encode_parts(value)
    assert b"".join(parts) == encode(value)
    assert decode_parts(model, parts) == value


# ---------------------------------------------------------------- other bytes


@every_model
@few
@given(data=st.data())
def test_changed_bytes_are_refused_or_another_value(model: type[Wire], data: st.DataObject) -> None:
    value = data.draw(INSTANCES[model])
    honest = encode(value)
    for place in data.draw(st.lists(st.integers(0, len(honest) - 1), min_size=4, max_size=4)):
        byte = bytes([data.draw(st.integers(0, 255))])
        before, behind = honest[:place], honest[place + 1 :]
        changes = {before + byte + behind, before + byte + honest[place:], before + behind, honest + byte}
        for changed in changes - {honest}:
            assert accepted_only_as_itself(model, changed) != value


@every_model
@settings(few, max_examples=60)
@given(noise=st.binary(max_size=200) | st.lists(st.sampled_from([0, 0, 1, 2, 2, 4, 64, 255]), max_size=200).map(bytes))
def test_noise_raises_nothing_but_malformed(model: type[Wire], noise: bytes) -> None:
    accepted_only_as_itself(model, noise)
