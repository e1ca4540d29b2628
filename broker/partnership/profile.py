"""A partnership's profile: the data about one place that `mash init` needs, and the protocol its gates decide by.

`load_profile` promises that a HOME can be made from the profile it returns:

(1) the profile is TOML with exactly the keys of `Profile`; all faults are named at once, by file, key and rule;
(2) the profile names its own protocol, a file in the same folder; it never falls back on another partnership's;
(3) the protocol is proved together with this installation's law before anything is made.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self, final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from broker.errors import UsageError
from broker.exchange.public_file import PublicFile
from broker.gate.tables import load_tables, packaged_law
from broker.requester.clock import Clocks
from broker.requester.rating import Ratings, own_words
from schemas.directory import HeldCapability
from schemas.scalars import RESERVED_IDS, Code, Count, Name, Ref, ShortText
from schemas.vocabulary import Capability, Purpose, RatingBand, ReviewPolicy, Sector

PROFILES = Path(__file__).parent / "profiles"
FILE_NAME = "profile.toml"
SCREENING, AUDIT = "screening", "audit"
REVIEWED = (RatingBand.RED, RatingBand.AMBER, RatingBand.GREEN)
"""The priorities at which information is disclosed, so that a review policy is needed."""

_RULES = {"missing": "is missing", "extra_forbidden": "is no key of a profile"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Days = Annotated[int, Field(gt=0, le=36_500)]


class AgreementTerms(_Part):
    """The data sharing agreement that every holder of the profile has with the hub."""

    id: Ref
    version: Count
    valid_days: _Days


class PolicyDocument(_Part):
    """Each holder's appropriate policy document."""

    ref: Ref
    valid_days: _Days


class GateFiles(_Part):
    """The name of the gate's local layer, a file beside the profile."""

    local: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.toml$")]


class Grant(_Part):
    """Capabilities, and the bands and purposes that they are limited to; none named, no limit."""

    capabilities: Annotated[tuple[Capability, ...], Field(min_length=1)]
    bands: tuple[RatingBand, ...] = ()
    purposes: tuple[Purpose, ...] = ()


class Title(_Part):
    """A post of the partnership: its own words for it, and what whoever holds it may do."""

    words: ShortText
    grants: tuple[Grant, ...]

    @property
    def capabilities(self) -> tuple[HeldCapability, ...]:
        """What stands in the register for it."""
        return tuple(
            HeldCapability(capability=one, bands=grant.bands, purposes=grant.purposes)
            for grant in self.grants
            for one in grant.capabilities
        )


Titles = Annotated[tuple[Code, ...], Field(min_length=1)]


class RegisterOfPeople(_Part):
    """Who may act, by id and titles: the hub's people, and those of each organisation, after its id and a hyphen."""

    hub: dict[Name, Titles]
    each_organisation: dict[Name, Titles]


class Profile(_Part):
    """One partnership, as its practice documents describe it."""

    partnership: Name
    hub: Annotated[Name, Field(max_length=53)]
    hub_name: ShortText
    gate: GateFiles
    clocks: Clocks
    ratings: Annotated[Ratings, Field(min_length=1, default_factory=own_words)]
    titles: Annotated[dict[Code, Title], Field(alias="title")]
    register_of_people: Annotated[RegisterOfPeople, Field(alias="register")]
    organisations: Annotated[dict[Name, Sector], Field(min_length=1)]
    review: dict[RatingBand, ReviewPolicy]
    agreement: AgreementTerms
    policy_document: PolicyDocument

    @property
    def own_ids(self) -> frozenset[str]:
        """The ids that no organisation may take: the hub's own principals, and those that are reserved."""
        hub = {self.hub, f"{self.hub}-{SCREENING}", f"{self.hub}-{AUDIT}"}
        return frozenset(hub | RESERVED_IDS)

    @model_validator(mode="after")
    def _makes_a_home(self) -> Self:
        held = {**self.register_of_people.hub, **self.register_of_people.each_organisation}
        if unknown := {title for titles in held.values() for title in titles} - set(self.titles):
            raise ValueError(f"register: no such title: {', '.join(sorted(unknown))}")
        if self.own_ids & set(self.organisations):
            raise ValueError(f"organisations: must not be one of {', '.join(sorted(self.own_ids))}")
        if not set(REVIEWED) <= set(self.review):
            raise ValueError(f"review: needs each of {', '.join(REVIEWED)}")
        return self


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedProfile:
    """A checked profile, and the exact bytes that a directory pins: profile, protocol and law."""

    profile: Profile
    files: Mapping[PublicFile, bytes] = field(repr=False)


def load_profile(word: str) -> LoadedProfile:
    """Return a packaged profile by its name, or the one in a file: a word that ends in .toml, or a path.

    Raises: UsageError naming the profiles there are, or file, key and rule of each fault, one a line.
    """
    path = _path(word)
    content = _read(path)
    profile = _parse(path, content)  # (1)
    beside = path.parent / profile.gate.local  # (2)
    protocol, law = _read(beside), packaged_law()
    load_tables(law=law, protocol=protocol, called=str(beside))  # (3)
    return LoadedProfile(
        profile=profile,
        files={PublicFile.PROFILE: content, PublicFile.PROTOCOL: protocol, PublicFile.LAW: law},
    )


def _path(word: str) -> Path:
    if word.endswith(".toml") or os.sep in word:
        return Path(word)
    known = sorted(entry.name for entry in PROFILES.iterdir() if (entry / FILE_NAME).exists())
    if word not in known:
        raise UsageError(f"no such profile; there are: {', '.join(known)}; or give the path of a {FILE_NAME}")
    return PROFILES / word / FILE_NAME


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or type(error).__name__).lower()}") from None


def _parse(path: Path, content: bytes) -> Profile:
    try:
        return Profile.model_validate(tomllib.loads(content.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise UsageError("\n".join(f"{path}: {_fault(one)}" for one in faults)) from None


def _fault(error: Mapping[str, Any]) -> str:
    """Return a fault's dotted key and its rule, never the value."""
    rule = _RULES.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    key = ".".join(str(step) for step in error["loc"] if step != "[key]")
    return f"{key}: {rule[:1].lower()}{rule[1:]}" if key else rule
