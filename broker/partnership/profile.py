"""A partnership's profile: what `mash init` needs to know of a place, and the protocol that its gates decide by. Data.

`load_profile` promises that a HOME can be made of what it returns:

(1) the profile is TOML with exactly the keys of `Profile`; every fault is named at once, by file, key and rule;
(2) it names its own protocol, a file in the same folder; there is no other partnership's to fall back on;
(3) the protocol is proved together with this installation's law, before anything is made.
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
from broker.partnership.home import DIRECTORY_FOLDER, KAFKA_FOLDER
from broker.requester.clock import Clocks
from broker.requester.rating import Ratings, own_words
from schemas.scalars import Count, Name, Ref, ShortText
from schemas.vocabulary import ActorRole, RatingBand, ReviewPolicy, Sector

PROFILES = Path(__file__).parent / "profiles"
FILE_NAME = "profile.toml"
SCREENING, AUDIT = "screening", "audit"
REVIEWED = (RatingBand.RED, RatingBand.AMBER, RatingBand.GREEN)
"""The priorities at which something is given, so that somebody may have to look."""

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
    """Which file beside the profile is the gate's local layer."""

    local: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.toml$")]


class Profile(_Part):
    """One partnership as its practice documents draw it."""

    partnership: Name
    hub: Annotated[Name, Field(max_length=53)]
    hub_name: ShortText
    gate: GateFiles
    clocks: Clocks
    ratings: Annotated[Ratings, Field(min_length=1, default_factory=own_words)]
    register_of_people: Annotated[dict[Name, tuple[ActorRole, ...]], Field(alias="register")]
    organisations: Annotated[dict[Name, Sector], Field(min_length=1)]
    review: dict[RatingBand, ReviewPolicy]
    agreement: AgreementTerms
    policy_document: PolicyDocument

    @property
    def own_ids(self) -> frozenset[str]:
        """The ids that no organisation can have: the hub's own, and those of folders in HOME."""
        hub = {self.hub, f"{self.hub}-{SCREENING}", f"{self.hub}-{AUDIT}"}
        return frozenset(hub | {DIRECTORY_FOLDER, KAFKA_FOLDER})

    @model_validator(mode="after")
    def _makes_a_home(self) -> Self:
        if not all(self.register_of_people.values()):
            raise ValueError("register: each person needs a role")
        if self.own_ids & set(self.organisations):
            raise ValueError(f"organisations: must not be one of {', '.join(sorted(self.own_ids))}")
        if not set(REVIEWED) <= set(self.review):
            raise ValueError(f"review: needs each of {', '.join(REVIEWED)}")
        return self


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedProfile:
    """A profile that holds, and the exact bytes that a directory pins: profile, protocol and law."""

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
    """Name a fault's key, dotted, and the rule; never the value."""
    rule = _RULES.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    key = ".".join(str(step) for step in error["loc"] if step != "[key]")
    return f"{key}: {rule[:1].lower()}{rule[1:]}" if key else rule
