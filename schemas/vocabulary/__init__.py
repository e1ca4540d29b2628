"""Every word that may stand on the wire, and what it means. An unknown word is refused, never guessed.

A module a subject; whoever uses a word imports it from here. Sources are sections of the domain reference ("ref") or
statutes. A word, once released, keeps its meaning.
"""

from __future__ import annotations

from schemas.vocabulary.accounting import Authentication as Authentication
from schemas.vocabulary.accounting import ClockSync as ClockSync
from schemas.vocabulary.accounting import EventKind as EventKind
from schemas.vocabulary.accounting import LookedAt as LookedAt
from schemas.vocabulary.answer import Certainty as Certainty
from schemas.vocabulary.answer import MatchMethod as MatchMethod
from schemas.vocabulary.answer import Stage as Stage
from schemas.vocabulary.answer import Status as Status
from schemas.vocabulary.desk import DecisionAction as DecisionAction
from schemas.vocabulary.desk import DeskReason as DeskReason
from schemas.vocabulary.desk import DeskState as DeskState
from schemas.vocabulary.desk import ReviewPolicy as ReviewPolicy
from schemas.vocabulary.desk import WithholdGround as WithholdGround
from schemas.vocabulary.gate import EvidenceWord as EvidenceWord
from schemas.vocabulary.gate import Obligation as Obligation
from schemas.vocabulary.gate import PersonEvidence as PersonEvidence
from schemas.vocabulary.gate import Reason as Reason
from schemas.vocabulary.items import DsarHint as DsarHint
from schemas.vocabulary.items import EventStatus as EventStatus
from schemas.vocabulary.items import ItemKind as ItemKind
from schemas.vocabulary.items import Onward as Onward
from schemas.vocabulary.items import Precision as Precision
from schemas.vocabulary.items import SubjectCategory as SubjectCategory
from schemas.vocabulary.law import DataClass as DataClass
from schemas.vocabulary.law import GateOutcome as GateOutcome
from schemas.vocabulary.law import NoConsentReason as NoConsentReason
from schemas.vocabulary.law import Regime as Regime
from schemas.vocabulary.messages import Kind as Kind
from schemas.vocabulary.messages import ReservedKind as ReservedKind
from schemas.vocabulary.outcomes import ClockState as ClockState
from schemas.vocabulary.outcomes import ContactEvent as ContactEvent
from schemas.vocabulary.outcomes import NationalOutcome as NationalOutcome
from schemas.vocabulary.partners import BodyInLaw as BodyInLaw
from schemas.vocabulary.partners import Capability as Capability
from schemas.vocabulary.partners import Listed16LA as Listed16LA
from schemas.vocabulary.partners import Membership as Membership
from schemas.vocabulary.partners import PrincipalRole as PrincipalRole
from schemas.vocabulary.partners import PrincipalState as PrincipalState
from schemas.vocabulary.partners import Sector as Sector
from schemas.vocabulary.people import Birth as Birth
from schemas.vocabulary.people import IdentifierScheme as IdentifierScheme
from schemas.vocabulary.people import PersonRole as PersonRole
from schemas.vocabulary.people import Relation as Relation
from schemas.vocabulary.people import Sex as Sex
from schemas.vocabulary.request import FACTORS as FACTORS
from schemas.vocabulary.request import AgreementMethod as AgreementMethod
from schemas.vocabulary.request import AgreementStatus as AgreementStatus
from schemas.vocabulary.request import Capacity as Capacity
from schemas.vocabulary.request import Informed as Informed
from schemas.vocabulary.request import Mode as Mode
from schemas.vocabulary.request import NotInformedReason as NotInformedReason
from schemas.vocabulary.request import PresentingIssue as PresentingIssue
from schemas.vocabulary.request import Purpose as Purpose
from schemas.vocabulary.request import RatingBand as RatingBand
from schemas.vocabulary.request import Section as Section
from schemas.vocabulary.request import ViewsStatus as ViewsStatus
