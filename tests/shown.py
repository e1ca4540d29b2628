"""Which use cases show personal data, derived from their types: a result from which a `repr=False` field is reached.

People and secrets have no repr, so whoever writes a result that holds personal data has marked it already.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

import broker.application

SESSIONS = (collections.abc.Iterator, collections.abc.AsyncIterator, collections.abc.Generator)
"""What opens a session (a context manager) hands out no data; what is asked of it afterwards is a use case."""


def use_cases() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function that a module of `broker.application` defines, by its full name."""
    for module in pkgutil.walk_packages(broker.application.__path__, "broker.application."):
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if function.__module__ == module.name and not name.startswith("_"):
                yield f"{module.name}.{name}", function


def result_of(function: Callable[..., Any]) -> Any:
    """What the function hands out, as its annotation says."""
    return typing.get_type_hints(function).get("return")


def is_session(kind: Any) -> bool:
    """Whether this is what a context manager yields from."""
    return typing.get_origin(kind) in SESSIONS


def reaches_hidden(kind: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a field without a repr is reached from a value of this type."""
    if kind in seen:
        return False
    seen |= {kind}
    inner = [one for one in typing.get_args(kind) if one is not Ellipsis]
    if typing.get_origin(kind) is not None or isinstance(kind, types.UnionType):
        return any(reaches_hidden(one, seen) for one in inner)
    if not isinstance(kind, type):
        return False
    hints = typing.get_type_hints(kind, include_extras=False)
    if dataclasses.is_dataclass(kind):
        fields = dataclasses.fields(kind)
        return any(not one.repr or reaches_hidden(hints[one.name], seen) for one in fields)
    if issubclass(kind, BaseModel):
        return any(one.repr is False or reaches_hidden(hints[name], seen) for name, one in kind.model_fields.items())
    return False


def showing() -> frozenset[str]:
    """The use cases that show personal data."""
    return frozenset(
        name
        for name, function in use_cases()
        if not is_session(result_of(function)) and reaches_hidden(result_of(function))
    )


def bare() -> frozenset[str]:
    """The use cases that hand out a bare document, of which no type says what it holds."""
    return frozenset(name for name, function in use_cases() if typing.get_origin(result_of(function)) is dict)
