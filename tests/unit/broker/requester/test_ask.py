"""The hub's side: one ending for each ask, sent once whatever happens, each organisation told its own part only."""

from __future__ import annotations

import json
from datetime import time, timedelta

import pytest

from broker.adapters.embedded import EmbeddedLog
from broker.errors import UsageError
from broker.exchange import outbox as outbox_store
from broker.exchange.outbox import Outbox
from broker.exchange.parse import parse
from broker.gate.context import HolderAsked, Side
from broker.requester import asked_store as memory_store
from broker.requester.ask import Requester
from broker.requester.clock import Clock, Clocks, Hours
from broker.requester.rating import own_words
from schemas.audit import AuditEvent
from schemas.exchange import Dispatch
from schemas.request import InformationRequest
from schemas.topics import Family
from schemas.vocabulary import GateOutcome, IdentifierScheme, Kind

HOURS = Hours(zone="Europe/London", days=("MON",), opens=time(9), closes=time(17), bank_holidays=None)
ID = "0190b5f0-0000-7000-8000-000000000001"


@pytest.fixture
async def hub(partnership, tmp_path):
    """The hub with a real log and stores; `sent()` reads what lies in a topic."""
    log = EmbeddedLog(tmp_path / "log.sqlite")
    topics = [partnership.topic(Family.DISPATCHES, "hub"), partnership.topic(Family.AUDIT)]
    topics += [partnership.topic(Family.REQUESTS, name) for name in ("police", "health")]
    await log.create_topics(dict.fromkeys(topics, 1))
    database = partnership.database("hub", schema=(*memory_store.SCHEMA, *outbox_store.SCHEMA))
    hub = Requester(
        database=database,
        outbox=Outbox(database, stream="hub.asks", anchor=topics[0]),
        sealer=partnership.sealer("hub"),
        tables=lambda: partnership.tables,
        clocks=Clocks(RED=Clock(elapsed_minutes=60), hours=HOURS),
        ratings=own_words(),
        schemes=lambda sector: frozenset({IdentifierScheme.NHS}),
        context=lambda holders, now: partnership.context(
            Side.HUB, holders=tuple(HolderAsked(organisation=one.id, sector=one.sector) for one in holders)
        ),
        build="test",
    )

    async def sent(family, *owners):
        topic = partnership.topic(family, *owners)
        return await log.read(topic, 0, offset=0, most=100, wait=timedelta(0))

    yield hub, log, sent
    await log.close()


def _file(partnership, **changes) -> bytes:
    return partnership.form(**changes).model_dump_json(exclude_none=True, exclude={"band"}).encode()


async def test_an_ask_is_one_dispatch_one_request_each_and_one_event(partnership, hub):
    requester, log, sent = hub
    data = _file(partnership, agencies=["police", "HEALTH"])
    outcome = await requester.ask(data, request_id=ID, log=log, now=partnership.now)
    assert outcome.sent
    requests = [await sent(Family.REQUESTS, name) for name in ("police", "health")]
    assert [len(one) for one in (*requests, await sent(Family.DISPATCHES, "hub"), await sent(Family.AUDIT))] == [1] * 4
    dispatch = partnership.verifier("hub-screening").verify(
        parse((await sent(Family.DISPATCHES, "hub"))[0]), record=Dispatch, now=partnership.now
    )
    digests = [parse(one[0]).digest for one in requests]
    assert [asked.request_digest for asked in dispatch.record.body.asked] == digests
    assert dispatch.record.body.due_at - dispatch.record.body.received_at == timedelta(hours=1)


async def test_the_event_of_an_ask_has_the_tokens_that_others_would_make(partnership, hub):
    requester, log, sent = hub
    await requester.ask(_file(partnership), request_id=ID, log=log, now=partnership.now)
    event = partnership.verifier("hub-audit").verify(
        parse((await sent(Family.AUDIT))[0]), record=AuditEvent, now=partnership.now
    )
    (subject,) = event.record.personal.subjects
    found = {one.kind: one.token for one in subject.tokens}
    search = partnership.keys("police").search
    assert found["NHS"] == search(b"NHS\x009990000018")[:16]
    assert found["NAME_DOB"] == search(b"NAME_DOB\0testerton|robin|2015-03-14")[:16]
    assert event.record.skeleton.search_epoch == 1


async def test_everybody_asked_can_see_that_all_were_asked_the_same(partnership, hub):
    requester, log, sent = hub
    data = _file(partnership, agencies=["police", "health"])
    await requester.ask(data, request_id=ID, log=log, now=partnership.now)
    headers = [parse((await sent(Family.REQUESTS, name))[0]).header for name in ("police", "health")]
    assert headers[0].parts[0] == headers[1].parts[0]
    assert headers[0].parts[1] != headers[1].parts[1]


async def test_an_organisation_gets_only_the_identifiers_its_sector_uses(partnership, hub):
    requester, log, sent = hub
    child = json.loads(_file(partnership))["people"][0]
    child["identifiers"] = {"nhs": "9990000018", "upn": "A123456789012"}
    data = _file(partnership, people=[child])
    await requester.ask(data, request_id=ID, log=log, now=partnership.now)
    opened = partnership.verifier("police").verify(
        parse((await sent(Family.REQUESTS, "police"))[0]), record=InformationRequest, now=partnership.now
    )
    assert [one.scheme for one in opened.record.addressed.identifiers] == [IdentifierScheme.NHS]


async def test_the_same_id_again_sends_nothing_twice(partnership, hub):
    requester, log, sent = hub
    for _ in range(3):
        outcome = await requester.ask(_file(partnership), request_id=ID, log=log, now=partnership.now)
    assert outcome.sent
    assert len(await sent(Family.REQUESTS, "police")) == 1
    assert len(await sent(Family.AUDIT)) == 1


async def test_the_same_id_with_other_content_is_refused(partnership, hub):
    requester, log, sent = hub
    await requester.ask(_file(partnership), request_id=ID, log=log, now=partnership.now)
    with pytest.raises(UsageError, match="other content"):
        await requester.ask(_file(partnership, narrative="else"), request_id=ID, log=log, now=partnership.now)
    assert len(await sent(Family.REQUESTS, "police")) == 1


async def test_a_refusal_sends_nothing_but_its_event(partnership, hub):
    """R1: a social worker may not set RED; the refusal is accounted for (golden rule 7)."""
    requester, log, sent = hub
    data = _file(partnership, requester={"actor": "sw-014", "role": "MASH_SOCIAL_WORKER"})
    outcome = await requester.ask(data, request_id=ID, log=log, now=partnership.now)
    assert outcome.decision.outcome is GateOutcome.DENY
    assert not outcome.sent
    assert await sent(Family.REQUESTS, "police") == ()
    assert await sent(Family.DISPATCHES, "hub") == ()
    assert [parse(one).header.kind for one in await sent(Family.AUDIT)] == [Kind.AUDIT_EVENT]


async def test_a_title_that_was_left_out_is_named_in_what_goes_out(partnership, hub):
    """K9: the actor's only title; the holder and the ledger read it."""
    requester, log, sent = hub
    data = _file(partnership, requester={"actor": "mm-01"})
    await requester.ask(data, request_id=ID, log=log, now=partnership.now)
    (request,) = await sent(Family.REQUESTS, "police")
    opened = partnership.verifier("police").verify(parse(request), record=InformationRequest, now=partnership.now)
    assert opened.record.common.requester.role == "MASH_MANAGER"


async def test_an_agency_that_nobody_answers_to_is_named_by_place(partnership, hub):
    requester, log, _ = hub
    data = _file(partnership, agencies=["police", "fire-brigade"])
    with pytest.raises(UsageError, match=r"agencies\.1"):
        await requester.ask(data, request_id=ID, log=log, now=partnership.now)


async def test_a_crash_before_draining_loses_nothing_and_the_next_command_sends_it(partnership, hub, monkeypatch):
    requester, log, sent = hub

    async def crash(self, log):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "drain", crash)
        with pytest.raises(KeyboardInterrupt):
            await requester.ask(_file(partnership), request_id=ID, log=log, now=partnership.now)
    assert await sent(Family.REQUESTS, "police") == ()
    await requester.ask(_file(partnership), request_id=ID, log=log, now=partnership.now)
    assert len(await sent(Family.REQUESTS, "police")) == 1
    headers = [parse(one).header for one in await sent(Family.AUDIT)]
    assert [header.sequence for header in headers] == [1]


async def test_nothing_of_the_form_lies_readable_in_the_hubs_store(partnership, hub):
    requester, log, _ = hub
    await requester.ask(_file(partnership), request_id=ID, log=log, now=partnership.now)
    for path in partnership.folder.iterdir():
        assert b"Testerton" not in path.read_bytes()


async def test_no_organisation_learns_what_was_decided_about_another(partnership, hub):
    """K25: each has its own decision; what all get is what stands in every one of them."""
    requester, log, sent = hub
    classes = ["ORDINARY", "SPECIAL", "CONFIDENTIAL_HEALTH"]
    data = _file(partnership, agencies=["police", "HEALTH"], data_classes=classes)
    outcome = await requester.ask(data, request_id=ID, log=log, now=partnership.now)
    told = {}
    for name in ("police", "health"):
        message = parse((await sent(Family.REQUESTS, name))[0])
        told[name] = partnership.verifier(name).verify(message, record=InformationRequest, now=partnership.now).record
    assert told["police"].common == told["health"].common
    own = {name: {basis.data_class for basis in one.addressed.decision.basis} for name, one in told.items()}
    assert own["health"] == {"ORDINARY", "SPECIAL", "CONFIDENTIAL_HEALTH"}
    assert own["police"] == {"ORDINARY", "SPECIAL"}
    assert "D4" in told["health"].addressed.decision.rows
    seen_by_police = told["police"].model_dump_json()
    assert "D4" not in told["police"].common.decision.rows
    assert "CALDICOTT_CHECK" not in seen_by_police
    assert '"health"' not in told["police"].common.decision.model_dump_json()
    whole = {(basis.data_class.value, basis.organisations) for basis in outcome.decision.basis}
    assert ("CONFIDENTIAL_HEALTH", ("health",)) in whole
    assert {("SPECIAL", ("health",)), ("SPECIAL", ("police",))} <= whole


async def test_a_partner_narrative_goes_out_instead(partnership, hub):
    """K29: where the referrer could be recognised from the narrative."""
    requester, log, sent = hub
    data = _file(partnership, partner_narrative="in other words")
    await requester.ask(data, request_id=ID, log=log, now=partnership.now)
    message = parse((await sent(Family.REQUESTS, "police"))[0])
    request = partnership.verifier("police").verify(message, record=InformationRequest, now=partnership.now).record
    assert request.addressed.narrative == "in other words"
