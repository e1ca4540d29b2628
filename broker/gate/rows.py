"""The file format of the decision tables: what a row may say. `tables` loads, proves and reads them.

A row's `when` names the facts it is for. The facts of a table and their words make its domain, which is
finite, so that a gap or an overlap can be found by trying every combination. A sentence of law about one row
alone (para 18 needs a reason and a policy document) is checked here, when the row is read.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, model_validator

from broker.gate.words import (
    AgreementState,
    Article6,
    Article9,
    Article10,
    Body,
    ConfidentialityLimb,
    Duty,
    Gateway,
    Judged,
    OverrideState,
    RowState,
    Schedule1,
    Verdict,
)
from schemas.scalars import Code, Ref
from schemas.vocabulary import (
    Capability,
    DataClass,
    EvidenceWord,
    Obligation,
    PersonEvidence,
    PersonRole,
    PrincipalState,
    Purpose,
    RatingBand,
    Reason,
    Regime,
    Sector,
)

Point = Mapping[str, StrEnum]
"""One combination of facts, by name."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# ---------------------------------------------------------------- which facts a row is for


class When(_Table):
    """The facts a row is for. A fact's default is its whole domain, so an absent fact may be anything."""

    def holds(self, point: Point) -> bool:
        """Say whether every fact of this row's domain has one of the row's words."""
        return all(point[fact] in getattr(self, fact) for fact in type(self).model_fields)

    @classmethod
    def domain(cls) -> Iterator[dict[str, StrEnum]]:
        """Yield every combination of facts, in the order of the vocabulary."""
        facts: dict[str, tuple[StrEnum, ...]] = {name: field.default for name, field in cls.model_fields.items()}
        for words in itertools.product(*facts.values()):
            yield dict(zip(facts, words, strict=True))


_W = TypeVar("_W", bound=StrEnum)
_Words = Annotated[tuple[_W, ...], Field(min_length=1)]


class RagWhen(When):
    """Facts of a priority row."""

    rag: _Words[RatingBand] = tuple(RatingBand)


class ProtocolWhen(When):
    """Facts of a row of the local protocol (ref 2.8 steps 3 and 5)."""

    purpose: _Words[Purpose] = tuple(Purpose)
    rag: _Words[RatingBand] = tuple(RatingBand)
    agreement: _Words[AgreementState] = tuple(AgreementState)
    override: _Words[OverrideState] = tuple(OverrideState)
    duty: _Words[Duty] = tuple(Duty)


class SectorWhen(When):
    """Facts of a holder row."""

    sector: _Words[Sector] = tuple(Sector)
    duty: _Words[Duty] = tuple(Duty)


class BaseWhen(When):
    """Facts of a base row."""

    purpose: _Words[Purpose] = tuple(Purpose)


class BasisWhen(When):
    """Facts that choose among the bases of one base row."""

    duty: _Words[Duty] = tuple(Duty)
    body: _Words[Body] = tuple(Body)
    judged: _Words[Judged] = tuple(Judged)


class OverlayWhen(When):
    """Facts of an overlay row."""

    data_class: _Words[DataClass] = tuple(DataClass)
    regime: _Words[Regime] = tuple(Regime)


class PersonWhen(When):
    """Facts of a person row."""

    role: _Words[PersonRole] = tuple(PersonRole)


class ConditionWhen(When):
    """Facts that restrict a condition of an overlay row to some holders."""

    sector: _Words[Sector] = tuple(Sector)
    duty: _Words[Duty] = tuple(Duty)


# ---------------------------------------------------------------- rows


class Row(_Table):
    """What every row has: an id, and the rules or statutes it comes from."""

    id: Code
    cites: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


Days = Annotated[StrictInt, Field(ge=0)] | Literal["FULL"]
"""How far back: days, or the full relevant history."""


class TypeRow(_Table):
    """An item type that a priority reaches, and how far back for this type."""

    type: Code
    look_back_days: Days


class RagRow(Row):
    """What setting a priority takes (R1), and what it reaches: how far back, or listed types only (ref 2.8 step 7)."""

    when: RagWhen
    set_by: Capability = Capability.ASK
    otherwise: Reason = Reason.ROLE_MAY_NOT_ASK
    look_back_days: Days
    only: tuple[TypeRow, ...] | None = None
    obligations: tuple[Obligation, ...] = ()


class ProtocolRow(Row):
    """One rule of the local protocol. DENY and REFER say why; PASS has nothing to explain."""

    when: ProtocolWhen
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if (self.verdict is Verdict.PASS) == bool(self.reasons):
            raise ValueError("a DENY or REFER row needs reasons, a PASS row has none")
        return self


class SectorRow(Row):
    """Under which regime a holder holds its records, and what comes with it (ref 2.3)."""

    when: SectorWhen
    regime: Regime
    body: Body
    s36_4_authority: Gateway | None = None
    gateways: tuple[Gateway, ...] = ()
    obligations: tuple[Obligation, ...] = ()

    @model_validator(mode="after")
    def _authorised(self) -> Self:
        if (self.regime is Regime.PART_3) != (self.s36_4_authority is not None):
            raise ValueError("a PART_3 row, and no other, names its s36_4_authority")
        return self


class BasisRow(Row):
    """Article 6 and the gateways of a base row."""

    when: BasisWhen = BasisWhen()
    article_6: Article6
    gateways: Annotated[tuple[Gateway, ...], Field(min_length=1)]
    confidentiality: ConfidentialityLimb | None = None

    @model_validator(mode="after")
    def _bound(self) -> Self:
        duties = {Gateway.CA04_S16LA, Gateway.CA89_S47_9}
        # ref 2.7 D4: only these two duties outrank a confidence without anybody's evidence.
        if self.confidentiality is not None and not duties & set(self.gateways):
            raise ValueError("a confidentiality limb needs the gateway CA04_S16LA or CA89_S47_9")
        if self.confidentiality not in {None, ConfidentialityLimb.LEGAL_DUTY}:
            raise ValueError("a base row's confidentiality limb is LEGAL_DUTY: the others need evidence")
        return self


class BaseRow(Row):
    """A purpose (P1 to P11 of ref 2.7)."""

    when: BaseWhen
    state: Literal[RowState.BUILT, RowState.NOT_BUILT]
    evidence: tuple[EvidenceWord, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    basis: tuple[BasisRow, ...] = ()


class Limb(_Table):
    """Something that must be shown, and the reason for which the class is dropped when it is not."""

    evidence: EvidenceWord
    missing: Reason


class ConditionRow(Row):
    """Articles 9 and 10 and Schedule 1 for one data class, with the limbs they stand on."""

    when: ConditionWhen = ConditionWhen()
    article_9: Article9 | None = None
    article_10: Article10 | None = None
    schedule_1: tuple[Schedule1, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    limbs: tuple[Limb, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        shown = {limb.evidence for limb in self.limbs}
        # ref 2.4: without one of its three reasons, or without the policy document, para 18 is not met.
        if Schedule1.P18 in self.schedule_1 and not {EvidenceWord.NO_CONSENT_REASON, EvidenceWord.APD_REF} <= shown:
            raise ValueError("S1_P18 needs the limbs NO_CONSENT_REASON and APD_REF")
        needs_schedule = self.article_9 is not None or self.article_10 is Article10.SCHEDULE_1
        if needs_schedule and not self.schedule_1:
            raise ValueError("this article needs a condition of Schedule 1")
        return self


class OverlayRow(Row):
    """A data class (D1 to D8 of ref 2.7). To a sector not in `held_by` it is not applicable: no drop, no row."""

    when: OverlayWhen
    held_by: _Words[Sector] = tuple(Sector)
    state: RowState
    obligations: tuple[Obligation, ...] = ()
    condition: tuple[ConditionRow, ...] = ()


class PersonRow(Row):
    """What must be shown for a person in a role, and the overlay row that is then relied on (D5)."""

    when: PersonWhen
    overlay: Code | None = None
    evidence: tuple[PersonEvidence, ...] = ()


# ---------------------------------------------------------------- files


class LawFile(_Table):
    """`law.toml`."""

    version: Ref
    sector: tuple[SectorRow, ...]
    base: tuple[BaseRow, ...]
    overlay: tuple[OverlayRow, ...]
    person: tuple[PersonRow, ...]


class OwnViewsRow(_Table):
    """At which ages, and for which purposes, a child's own views are owed (C9)."""

    purposes: tuple[Purpose, ...]
    ages: tuple[Annotated[StrictInt, Field(ge=0, lt=18)], ...]
    cites: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class ProtocolFile(_Table):
    """A partnership's `protocol.toml`."""

    version: Ref
    duty_16la_from: AwareDatetime
    holder_states: tuple[PrincipalState, ...]
    own_views: OwnViewsRow
    rag: tuple[RagRow, ...]
    protocol: tuple[ProtocolRow, ...]
