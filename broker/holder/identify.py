"""Which record is the person asked about: pure, deterministic, and on the side of the child not meant.

Promise: only this module says that a record *is* somebody; while another reading is possible it says unsure
(ref 7.2). (1) Somebody who shares no valid identifier, no two names, and no date of birth with one name, is
no candidate, and whoever only resembles is for a person; (2) a practitioner's choice decides; (3) one holder of a
valid identifier, whose date of birth or both names agree, or whose identifier a matching service assigned, and
nothing contradicts; (4) one person with the full names, the date of birth and the postcode; (5) the rest is for a
person, and so is everybody whose date of birth is not known to the day, or beside whom somebody restricted, or
another record of the same names and birthday, could be meant; (6) no record is two people; (7) an unborn child, or
one not named yet, is looked for through its mother too, for a person. A postcode never contradicts, and sex never
decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, final

from broker.errors import InvariantError
from broker.exchange.timing import stage
from broker.holder.name_matching import (
    DateLikeness,
    Likeness,
    NameLikeness,
    best_likeness,
    compare_dates,
    is_unnamed,
    postcode_key,
    shares_both_names,
    shares_one_name,
)
from broker.holder.resemblance import born_alike, given_names_alike, resembles
from broker.holder.source import Candidate, IdentifierHeld, PersonSought
from schemas.answer import Match
from schemas.identifiers import check
from schemas.vocabulary import Birth, Certainty, IdentifierScheme, MatchMethod, Relation

MOST_CANDIDATES: Final = 50
"""A source gives at most one more than this: then there may be others, and "nobody else" proves nothing."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Exactly one record is this person, by rule or by a named practitioner's choice."""

    ref: str
    record_id: str
    match: Match
    restricted: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NoTrace:
    """Nobody in the records could be this person."""

    ref: str

    @property
    def match(self) -> Match:
        """The match as the requester sees it."""
        return Match(about=self.ref, certainty=Certainty.NONE, method=MatchMethod.NONE, identifiers_used=())


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """Somebody might be this person. The candidates are for the holder's own desk, not the requester."""

    ref: str
    candidates: tuple[str, ...] = field(repr=False)

    @property
    def match(self) -> Match:
        """What the requester is told: that a person must look, not by what anybody was nearly found."""
        return Match(about=self.ref, certainty=Certainty.REVIEW, method=MatchMethod.NONE, identifiers_used=())


Identity = Known | NoTrace | Uncertain


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody asked about, each with the outcome of the search, in the order of the request."""

    outcomes: tuple[Identity, ...]

    def of(self, ref: str) -> Identity:
        """Return what was found for one person. Raises: InvariantError when nobody asked about them."""
        for identity in self.outcomes:
            if identity.ref == ref:
                return identity
        raise InvariantError("this person was not asked about")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """The comparison of one candidate with the person sought."""

    candidate: Candidate = field(repr=False)
    shared: tuple[IdentifierHeld, ...] = field(repr=False)
    other_number: bool
    born: DateLikeness
    names: NameLikeness
    postcode: bool
    restricted_and_alike: bool
    """Somebody restricted whose given name and date of birth may be the child's: a slip, a changed family name."""

    @property
    def contradicts(self) -> bool:
        return self.born in (DateLikeness.DIFFERENT, DateLikeness.DOUBTFUL) or self.names.contradicts

    @property
    def both_names(self) -> bool:
        return self.names.given.agrees and self.names.family.agrees

    @property
    def certain_of_name_and_birth(self) -> bool:
        """Given name and date of birth agree: no twin, sibling or namesake in the records fits better."""
        return self.names.given.agrees and self.born is DateLikeness.SAME

    @property
    def could_be(self) -> bool:
        """Neither date of birth nor family name rules it out: a co-twin, an undated namesake."""
        return self.born is not DateLikeness.DIFFERENT and self.names.family is not Likeness.DIFFERENT

    @property
    def same_person_perhaps(self) -> bool:
        """The same names and date of birth, and no other number: a second record of the child, or a namesake's."""
        return self.both_names and self.born is DateLikeness.SAME and not self.other_number


@stage("identify")
def identify(
    sought: Sequence[PersonSought],
    found: Mapping[str, Sequence[Candidate]],
    *,
    chosen: Mapping[str, str],
    doubted: frozenset[str] = frozenset(),
) -> People:
    """Decide for each person sought, by ref, among the candidates found for them.

    `chosen` holds what a practitioner decided: ref to the candidate's record id. `doubted` are records that state no
    date of birth and were given before under another one (see `claims`).
    Raises: InvariantError when a search is missing: not having looked must never read as no trace.
    """
    if any(person.ref not in found for person in sought):
        raise InvariantError("somebody asked about was not searched for")
    through = _mothers_candidates(sought, found)
    decided = [
        _identify_one(one, found[one.ref], through.get(one.ref, ()), chosen.get(one.ref), doubted) for one in sought
    ]
    return People(outcomes=_no_record_is_two_people(decided, apart=through.keys()))


def _identify_one(
    person: PersonSought,
    candidates: Sequence[Candidate],
    mothers: Sequence[Candidate],
    choice: str | None,
    doubted: frozenset[str],
) -> Identity:
    likely = [one for one in candidates if _is_candidate(person, one)]
    near = [one for one in candidates if one not in likely and resembles(person, one)]
    shown = list(dict.fromkeys((*likely, *near, *mothers)))
    if not shown:  # (1)
        return NoTrace(ref=person.ref)
    evidence = [_compare(person, candidate) for candidate in shown]
    if choice is not None:  # (2)
        known = _chosen(person, evidence, choice)
    elif _day_of_birth(person) is None or mothers:
        known = None  # a guess that agrees proves nothing, and a number alone may be a brother's
    else:
        known = _decide(person, evidence[: len(likely)], evidence, overflow=len(likely) > MOST_CANDIDATES)
    if known is not None and not _rests_on_doubt(known, doubted):
        return known
    record_ids = tuple(one.candidate.record_id for one in evidence[:MOST_CANDIDATES])
    return Uncertain(ref=person.ref, candidates=record_ids)  # (5)


def _mothers_candidates(
    sought: Sequence[PersonSought], found: Mapping[str, Sequence[Candidate]]
) -> dict[str, tuple[Candidate, ...]]:
    """(7) For each child not born or not named yet, whom the search for its mother found."""
    mothers = tuple(
        candidate
        for mother in sought
        if mother.relation is Relation.BIRTH_MOTHER
        for candidate in found[mother.ref]
        if _is_candidate(mother, candidate)
    )
    return {child.ref: mothers for child in sought if mothers and _through_mother(child)}


def _through_mother(person: PersonSought) -> bool:
    return person.is_subject and (person.birth in (Birth.UNBORN, Birth.UNKNOWN) or is_unnamed(person.name))


def _rests_on_doubt(known: Known, doubted: frozenset[str]) -> bool:
    return known.match.method is MatchMethod.VERIFIED_IDENTIFIER and known.record_id in doubted


def _is_candidate(person: PersonSought, candidate: Candidate) -> bool:
    if _shared(person, candidate):
        return True
    born_alike = not person.days_of_birth.isdisjoint(candidate.dates_of_birth)
    return any(
        shares_both_names(person.name, name) or (born_alike and shares_one_name(person.name, name))
        for name in candidate.names
    )


def _day_of_birth(person: PersonSought) -> date | None:
    return person.date_of_birth if person.birth is Birth.EXACT else None


def _compare(person: PersonSought, candidate: Candidate) -> _Evidence:
    ours = {postcode_key(postcode) for postcode in person.postcodes} - {None}
    return _Evidence(
        candidate=candidate,
        shared=_shared(person, candidate),
        other_number=_has_other_number(person, candidate),
        born=compare_dates(_day_of_birth(person), candidate.dates_of_birth, candidate.partial_births),
        names=best_likeness(person.name, candidate.names),
        postcode=any(postcode_key(postcode) in ours for postcode in candidate.postcodes),
        restricted_and_alike=candidate.restricted and _alike(person, candidate),
    )


def _alike(person: PersonSought, candidate: Candidate) -> bool:
    born = compare_dates(_day_of_birth(person), candidate.dates_of_birth, candidate.partial_births)
    birth_alike = born is not DateLikeness.DIFFERENT or born_alike(person, candidate)
    return birth_alike and given_names_alike(person.name, candidate.names)


def _valid(identifiers: Sequence[IdentifierHeld]) -> dict[tuple[IdentifierScheme, str], IdentifierHeld]:
    """Keep what may be matched on. Checked again here: a source that forgets to must not cost a child."""
    checked = [(check(held.scheme, held.value), held) for held in identifiers]
    return {(one.scheme, one.value): held for one, held in checked if one.valid}


def _shared(person: PersonSought, candidate: Candidate) -> tuple[IdentifierHeld, ...]:
    ours, theirs = _valid(person.identifiers), _valid(candidate.identifiers)
    return tuple(theirs[key] for key in ours if key in theirs)


def _has_other_number(person: PersonSought, candidate: Candidate) -> bool:
    ours, theirs = _valid(person.identifiers), _valid(candidate.identifiers)
    schemes = {scheme for scheme, _ in ours} & {scheme for scheme, _ in theirs}
    return any(not {key for key in ours if key[0] == scheme} & theirs.keys() for scheme in schemes)


def _decide(
    person: PersonSought, likely: Sequence[_Evidence], shown: Sequence[_Evidence], *, overflow: bool
) -> Known | None:
    holders = [one for one in likely if one.shared]
    if holders:
        known = _by_identifier(person, holders, likely, overflow=overflow)  # (3)
    else:
        known = _by_demographics(person, likely, overflow=overflow)  # (4)
    if known is None:
        return None
    others = [one for one in shown if one.candidate.record_id != known.record_id]
    return None if any(_doubts(known, other) for other in others) else known  # (5)


def _doubts(known: Known, other: _Evidence) -> bool:
    """Return whether another candidate leaves a doubt beside the one that the rules would take."""
    return other.same_person_perhaps or (other.restricted_and_alike and not known.restricted)


def _by_identifier(
    person: PersonSought, holders: Sequence[_Evidence], evidence: Sequence[_Evidence], *, overflow: bool
) -> Known | None:
    one = holders[0]
    if len(holders) > 1 or one.contradicts or (one.candidate.multiple_birth and not one.names.given.agrees):
        return None
    if not one.certain_of_name_and_birth and (overflow or _others_could_be(one, evidence)):
        return None  # a typed-in number may be the co-twin's: only the given name tells them apart
    schemes = tuple(str(held.scheme) for held in one.shared)
    if one.born is DateLikeness.SAME:
        return _known(person, one, MatchMethod.IDENTIFIER, (*schemes, "date_of_birth"))
    if one.both_names:
        return _known(person, one, MatchMethod.IDENTIFIER, (*schemes, "given_names", "family_name"))
    assigned = tuple(str(held.scheme) for held in one.shared if held.verified)
    if assigned:
        return _known(person, one, MatchMethod.VERIFIED_IDENTIFIER, assigned)
    return None


def _by_demographics(person: PersonSought, evidence: Sequence[_Evidence], *, overflow: bool) -> Known | None:
    fitting = [one for one in evidence if _fits_in_full(one)]
    if len(fitting) != 1 or overflow or _others_could_be(fitting[0], evidence):
        return None
    used = ("given_names", "family_name", "date_of_birth", "postcode")
    return _known(person, fitting[0], MatchMethod.DEMOGRAPHIC, used)


def _fits_in_full(one: _Evidence) -> bool:
    names = one.names.given is Likeness.SAME and one.names.family is Likeness.SAME
    alone = not one.other_number and not one.candidate.multiple_birth
    return names and one.born is DateLikeness.SAME and one.postcode and alone


def _others_could_be(one: _Evidence, evidence: Sequence[_Evidence]) -> bool:
    return any(other is not one and other.could_be for other in evidence)


def _chosen(person: PersonSought, evidence: Sequence[_Evidence], choice: str) -> Known | None:
    for one in evidence:
        if one.candidate.record_id == choice:
            return _known(person, one, MatchMethod.CHOSEN, _agreeing(one))
    return None  # the records have changed since: choose again, never fall back to somebody else


def _agreeing(one: _Evidence) -> tuple[str, ...]:
    facts = {
        "date_of_birth": one.born in (DateLikeness.SAME, DateLikeness.SAME_PLACEHOLDER),
        "given_names": one.names.given.agrees,
        "family_name": one.names.family.agrees,
        "postcode": one.postcode,
    }
    return (*(str(held.scheme) for held in one.shared), *(name for name, agrees in facts.items() if agrees))


def _known(person: PersonSought, one: _Evidence, method: MatchMethod, used: tuple[str, ...]) -> Known:
    # A practitioner's choice stays at REVIEW: the rule was not sure, and the screener may see that.
    certainty = Certainty.REVIEW if method is MatchMethod.CHOSEN else Certainty.AUTO
    match = Match(about=person.ref, certainty=certainty, method=method, identifiers_used=used)
    restricted = one.candidate.restricted
    return Known(ref=person.ref, record_id=one.candidate.record_id, match=match, restricted=restricted)


def _no_record_is_two_people(decided: Sequence[Identity], *, apart: Collection[str]) -> tuple[Identity, ...]:
    """(6) One number given for both twins finds one record twice: it is neither, unless a person chose.

    `apart` are the children for whom a person may choose their mother's record: it stays hers too.
    """
    ids = Counter(one.record_id for one in decided if isinstance(one, Known) and one.ref not in apart)

    def if_alone(identity: Identity) -> Identity:
        if not isinstance(identity, Known) or identity.match.method is MatchMethod.CHOSEN:
            return identity
        if ids[identity.record_id] <= 1:
            return identity
        return Uncertain(ref=identity.ref, candidates=(identity.record_id,))

    return tuple(if_alone(identity) for identity in decided)
