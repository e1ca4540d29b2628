"""`mash gate explain`: what a gate would decide about a request, and by which rows. It sends and stores nothing.

An organisation's gate is explained from that organisation's own folder, as if the hub had sent it this form: with the
classes and people that the hub's gate lets through, under the agreement that the hub would name.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from broker.bootstrap.holder import holder_context
from broker.bootstrap.principal import OpenPrincipal, open_principal
from broker.bootstrap.requester import build_requester, hub_context
from broker.bootstrap.sectors import applicable_classes
from broker.cli.commands.request import read_request_file
from broker.cli.output import DONE, FINDING, emit
from broker.errors import UsageError
from broker.gate.engine import gate
from broker.gate.outcome import Authority
from broker.gate.tables import Tables
from broker.partnership.home import Home, open_home
from broker.requester.ask import refused
from broker.requester.compose import compose
from consumers.screening.summary import decision_document
from schemas.decision import GateDecision
from schemas.request import RequestForm
from schemas.vocabulary import PrincipalRole

HUB = "hub"
"""The word for the requester's gate, whatever its id is."""


def explain(path: Path, *, file: Path, side: str, json: bool) -> int:
    """Print a gate's decision; exit 0 for PERMIT and PARTIAL, 1 for DENY and REFER.

    Raises: UsageError where the file is no request or nobody of that name has a gate.
    """
    home, data = open_home(path), read_request_file(file)
    holders = home.of_role(PrincipalRole.HOLDER)
    if side in holders:
        decision = _as_holder(home, data, side)
    elif side in {HUB, *home.of_role(PrincipalRole.REQUESTER)}:
        decision = _as_hub(home, data)
    else:
        raise UsageError(f"--as: the hub or one of: {', '.join(holders)}")
    document = decision_document(decision)
    if json:
        emit(document)
    else:
        from broker.cli.views.tables import show_decision

        show_decision(side, document)
    return FINDING if refused(decision) else DONE


def _as_hub(home: Home, data: bytes) -> GateDecision:
    principal = open_principal(home.folder(home.one_of_role(PrincipalRole.REQUESTER)))
    try:
        return build_requester(principal).explain(data, now=principal.clock()).decision
    finally:
        principal.close()


def _as_holder(home: Home, data: bytes, organisation: str) -> GateDecision:
    form = compose(data)
    principal = open_principal(home.folder(organisation))
    try:
        return _holders_decision(principal, form, principal.tables.current(), principal.clock())
    finally:
        principal.close()


def _holders_decision(principal: OpenPrincipal, form: RequestForm, tables: Tables, now: datetime) -> GateDecision:
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
    else:  # the hub would not send it: then by the latest agreement there is, on the whole form
        known = directory.agreements(holder=holder.id, requester=hub)
        latest = max(known, key=lambda one: (one.valid_from, one.version), default=None)
        agreement = (latest.id, latest.version) if latest else None
    context = holder_context(
        principal, applicable=applicable_classes(principal.config.sector), requester=hub, agreement=agreement, now=now
    )
    return gate(form, context=context, tables=tables, now=now, judged_by=None).decision


def _as_sent(form: RequestForm, asked: Authority) -> RequestForm:
    values = {name: getattr(form, name) for name in RequestForm.model_fields}
    values["data_classes"] = tuple(one for one in form.data_classes if one in asked.data_classes)
    values["people"] = tuple(person for person in form.people if person.ref in asked.people)
    values["agreements"] = tuple(one for one in form.agreements if one.person in asked.people)
    return RequestForm(**values)
