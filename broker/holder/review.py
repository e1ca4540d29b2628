"""Review: whether a draft may leave, or a person must look first. Agreement and RAG decide; nothing found does.

So a NO_TRACE waits exactly as long as a summary does, and timing tells nothing. BEFORE: a practitioner signs it off
first. AFTER: it goes out marked unsigned and an ordinary desk item asks for the signature. NONE: it goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from broker.exchange.timing import stage
from broker.gate.outcome import Authority, NeedsPerson
from broker.holder.evidence import Evidence
from broker.holder.minimise import Draft
from schemas.vocabulary import DeskReason, ReviewPolicy


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """Proof that a draft may leave: a person signed it off (`approved_by`), or the agreement lets it go without.

    `follow_up` is why a desk item goes with it, where somebody must still look.
    """

    draft: Draft = field(repr=False)
    approved_by: str | None
    follow_up: DeskReason | None


@stage("review")
def review(draft: Draft, *, authority: Authority, evidence: Evidence) -> Disclosure | NeedsPerson:
    """Apply the agreement's review policy to one draft."""
    if authority.review is ReviewPolicy.BEFORE and not evidence.signed_off:
        reason = _open_question(draft) or DeskReason.REVIEW
        return NeedsPerson(reason=reason, detail=None, decision=authority.decision)
    follow_up = None if evidence.by else _follow_up(draft, authority.review)
    return Disclosure(draft=draft, approved_by=evidence.by, follow_up=follow_up)


def _follow_up(draft: Draft, policy: ReviewPolicy) -> DeskReason | None:
    return _open_question(draft) or (DeskReason.REVIEW if policy is ReviewPolicy.AFTER else None)


def _open_question(draft: Draft) -> DeskReason | None:
    """Return what a practitioner must decide before there is anything to sign; only the desk's own item shows it."""
    if draft.restricted:
        return DeskReason.RESTRICTED
    return DeskReason.MATCH if draft.unsure else None
