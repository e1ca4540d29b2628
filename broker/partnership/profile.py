"""A partnership's profile: what `mash init` needs to know of a place. Data, in `profiles/*.toml`."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from broker.errors import UsageError
from broker.requester.clock import Clocks
from schemas.scalars import Count, Name, Ref, ShortText
from schemas.vocabulary import ActorRole, Rag, ReviewPolicy, Sector


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AgreementTerms(_Part):
    """The data sharing agreement that every holder of the profile has with the hub."""

    id: Ref
    version: Count
    valid_days: Annotated[int, Field(gt=0)]


class PolicyDocument(_Part):
    """Each holder's appropriate policy document."""

    ref: Ref
    valid_days: Annotated[int, Field(gt=0)]


class Profile(_Part):
    """One partnership as its practice documents draw it."""

    partnership: Name
    hub: Name
    hub_name: ShortText
    clocks: Clocks
    register_of_people: Annotated[dict[Name, tuple[ActorRole, ...]], Field(alias="register")]
    organisations: dict[Name, Sector]
    review: dict[Rag, ReviewPolicy]
    agreement: AgreementTerms
    policy_document: PolicyDocument


def load_profile(name: str) -> Profile:
    """Return a profile by its file's name. Raises: UsageError naming those there are."""
    folder = resources.files("broker.partnership") / "profiles"
    known = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    if name not in known:
        raise UsageError(f"no such profile; there are: {', '.join(known)}")
    try:
        return Profile.model_validate(tomllib.loads((folder / name / "profile.toml").read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise UsageError(f"profile {name}: {type(error).__name__} at the first fault") from None
