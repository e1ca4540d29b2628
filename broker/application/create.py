"""Create the keys, signed directory, register, stores and configuration of one partnership on one machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from pydantic import TypeAdapter, ValidationError

from broker.bootstrap.principal import utc_now
from broker.errors import FieldError
from broker.partnership.certificates import certify, check_authority
from broker.partnership.enrolment import Plan, create_home
from broker.partnership.home import Home
from broker.partnership.hub import open_hub
from broker.partnership.profile import REVIEWED, Profile, load_profile
from schemas.scalars import Name
from schemas.vocabulary import RatingBand, ReviewPolicy, Sector

_NAME: TypeAdapter[str] = TypeAdapter(Name)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """The choice to issue every process a certificate: from the given authority, or from a new one in HOME."""

    authority_folder: Path | None


def make_home(
    path: Path,
    *,
    profile: str,
    organisations: Sequence[str],
    review: Sequence[str],
    by_hand: Sequence[str] = (),
    certificates: Certificates | None = None,
    partnership: str | None = None,
) -> dict[str, object]:
    """Make a HOME and its topics, and return the document of `mash init`. The hub's process announces the directory.

    `partnership` replaces the profile's name of the partnership.
    Raises: UsageError where HOME is not empty, or an id or word is wrong; then nothing is made.
    """
    loaded = load_profile(profile)
    drawn = loaded.profile
    if partnership is not None:
        drawn = drawn.model_copy(update={"partnership": partnership})
    chosen = _organisations(organisations) or dict(drawn.organisations)
    plan = Plan(
        profile=drawn,
        files=loaded.files,
        organisations=chosen,
        review=_review(review, drawn, tuple(chosen)),
        by_hand=_by_hand(by_hand, chosen),
    )
    if certificates is not None:
        check_authority(certificates.authority_folder)
    home = create_home(path, plan, now=utc_now())
    if certificates is not None:
        certify(home, authority_folder=certificates.authority_folder, now=utc_now())
    asyncio.run(_publish(home))
    return _document(home, drawn, chosen)


async def _publish(home: Home) -> None:
    async with open_hub(home) as hub:
        await hub.create_topics()


def _document(home: Home, profile: Profile, organisations: dict[str, Sector]) -> dict[str, object]:
    return {
        "home": str(home.path),
        "partnership": profile.partnership,
        "organisations": {name: sector.value for name, sector in organisations.items()},
        "processes": list(home.principals),
    }


def _organisations(words: Sequence[str]) -> dict[str, Sector]:
    """Read `ID=SECTOR` words. Raises: FieldError `organisations` naming the number and the rule, never a value."""
    found: dict[str, Sector] = {}
    for number, word in enumerate(words, start=1):
        name, equals, sector = word.partition("=")
        if not equals or sector.upper() not in set(Sector):
            raise FieldError("organisations", f"is not ID=SECTOR with a sector of: {', '.join(Sector)}", at=number)
        if not _is_name(name):
            rule = "an id is lower-case letters, digits and hyphens, at most 63"
            raise FieldError("organisations", rule, at=number)
        if name in found:
            raise FieldError("organisations", "this id is given twice", at=number)
        found[name] = Sector(sector.upper())
    return found


def _by_hand(words: Sequence[str], organisations: dict[str, Sector]) -> frozenset[str]:
    for number, word in enumerate(words, start=1):
        if word not in organisations:
            raise FieldError("by_hand", "is no organisation of this home", at=number)
    return frozenset(words)


def _is_name(word: str) -> bool:
    try:
        _NAME.validate_python(word)
    except ValidationError:
        return False
    return True


def _review(
    words: Sequence[str], profile: Profile, organisations: tuple[str, ...]
) -> dict[str, dict[RatingBand, ReviewPolicy]]:
    """Return each organisation's review policy: its own word's, else the word's for all, else the profile's."""
    for_all: ReviewPolicy | None = None
    for_one: dict[str, ReviewPolicy] = {}
    for number, word in enumerate(words, start=1):
        name, equals, policy = word.rpartition("=")
        if policy.upper() not in set(ReviewPolicy) or (equals and name not in organisations):
            rule = "is not [ORG=]before|after|none with an organisation of this home"
            raise FieldError("review", rule, at=number)
        if name in for_one or (not equals and for_all is not None):
            raise FieldError("review", "is given twice for the same", at=number)
        if equals:
            for_one[name] = ReviewPolicy(policy.upper())
        else:
            for_all = ReviewPolicy(policy.upper())
    return {
        name: {rag: for_one.get(name) or for_all or profile.review[rag] for rag in REVIEWED} for name in organisations
    }
