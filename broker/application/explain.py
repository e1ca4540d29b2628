"""Explain a gate: its decision about a request, and the rows behind it. Nothing is sent or stored.

An organisation's gate decides from that organisation's own folder, as if the hub had sent it the form: with the data
classes and people that the hub's gate lets through, under the agreement that the hub would name. What the
form says and no gate decides on yet is named, so that nobody takes it for weighed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, final

from broker.application.documents import decision_document
from broker.application.session import Home
from broker.bootstrap.holder import holder_context
from broker.bootstrap.principal import OpenPrincipal, open_principal
from broker.bootstrap.requester import build_requester, hub_context, pinned_ratings
from broker.bootstrap.sectors import applicable_classes
from broker.errors import FieldError
from broker.gate.engine import gate
from broker.gate.outcome import Authority
from broker.gate.tables import Tables
from broker.gate.undecided import not_decided_on_yet
from broker.requester.ask import refused
from broker.requester.compose import compose
from schemas.decision import GateDecision
from schemas.request_form import RatedForm
from schemas.vocabulary import PrincipalRole

HUB = "hub"
"""The word for the requester's gate, whatever its id is."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A gate's decision as its document; `allowed` for PERMIT or PARTIAL."""

    document: dict[str, Any]
    allowed: bool


def explain(home: Home, form: bytes, *, side: str) -> Explained:
    """Return the decision that the gate of the hub (`hub`, or its id) or of an organisation would make.

    Raises: UsageError where the form is no request; FieldError `side` where no principal of that name has a gate.
    """
    holders = home.of_role(PrincipalRole.HOLDER)
    if side in holders:
        decision, asked = _as_holder(home, form, side)
    elif side in {HUB, *home.of_role(PrincipalRole.REQUESTER)}:
        decision, asked = _as_hub(home, form)
    else:
        raise FieldError("side", f"the hub or one of: {', '.join(holders)}")
    document = decision_document(decision) | {"not_decided_on_yet": list(not_decided_on_yet(asked))}
    return Explained(document=document, allowed=not refused(decision))


def _as_hub(home: Home, data: bytes) -> tuple[GateDecision, RatedForm]:
    principal = open_principal(home.folder(home.one_of_role(PrincipalRole.REQUESTER)))
    try:
        requester = build_requester(principal)
        return requester.explain(data, now=principal.clock()).decision, compose(data, ratings=requester.ratings)
    finally:
        principal.close()


def _as_holder(home: Home, data: bytes, organisation: str) -> tuple[GateDecision, RatedForm]:
    principal = open_principal(home.folder(organisation))
    try:
        form = compose(data, ratings=pinned_ratings(principal))
        return _holders_decision(principal, form, principal.tables.current(), principal.clock()), form
    finally:
        principal.close()


def _holders_decision(principal: OpenPrincipal, form: RatedForm, tables: Tables, now: datetime) -> GateDecision:
    directory = principal.published.current()
    hub = directory.only(PrincipalRole.REQUESTER).id
    holder = directory.principal(principal.config.principal)
    asked = gate(
        form,
        context=hub_context(principal, requester=hub, holders=(holder,), now=now),
        tables=tables,
        now=now,
        judged_by=None,
    )
    agreement: tuple[str, int] | None
    if isinstance(asked, Authority):
        agreement = (asked.agreements[0].id, asked.agreements[0].version)
        form = _as_sent(form, asked)
    else:  # the hub would not send it: explain the whole form under the latest agreement
        known = directory.agreements(holder=holder.id, requester=hub)
        latest = max(known, key=lambda one: (one.valid_from, one.version), default=None)
        agreement = (latest.id, latest.version) if latest else None
    context = holder_context(
        principal, applicable=applicable_classes(principal.config.sector), requester=hub, agreement=agreement, now=now
    )
    return gate(form, context=context, tables=tables, now=now, judged_by=None).decision


def _as_sent(form: RatedForm, asked: Authority) -> RatedForm:
    values = {name: getattr(form, name) for name in RatedForm.model_fields}
    values["data_classes"] = tuple(one for one in form.data_classes if one in asked.data_classes)
    values["people"] = tuple(person for person in form.people if person.ref in asked.people)
    values["agreements"] = tuple(one for one in form.agreements if one.person in asked.people)
    consent = form.gdpr_consent
    values["gdpr_consent"] = consent if consent and consent.person in asked.people else None
    return RatedForm(**values)
