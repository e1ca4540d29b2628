"""Each alarm is raised by its own story and by no other; what fits raises none, and a restart changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from consumers.audit.reconciliation.reconcile import GRACE, Alarm, AlarmKind, LedgerEvent, OpenItems, reconcile
from schemas.answer import Answer, AnswerBody, AnswerStatus, Judgement, Match
from schemas.audit import Consumed, Personal, Skeleton
from schemas.codec import encode_parts
from schemas.decision import GateDecision
from schemas.recorded import RecordedCount, RecordedDecision
from schemas.vocabulary import Certainty, EventKind, GateOutcome, MatchMethod, PrincipalRole, Stage, Status

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
LATER = NOW + GRACE + timedelta(milliseconds=1)
DUE = NOW + timedelta(hours=1)
REQUEST = str(UUID(int=7, version=4))
ROLES = {
    "hub": PrincipalRole.REQUESTER,
    "hub-screening": PrincipalRole.SCREENING,
    "police": PrincipalRole.HOLDER,
    "health": PrincipalRole.HOLDER,
}
DECISION = GateDecision(
    outcome=GateOutcome.PERMIT,
    rows=("P2",),
    reasons=(),
    dropped=(),
    missing_evidence=(),
    obligations=(),
    basis=(),
    table_version="2026.1",
    table_hash=b"\x07" * 32,
)


def status_of(organisation: str, **changes: Any) -> AnswerStatus:
    values: dict[str, Any] = {
        "request_id": REQUEST,
        "organisation": organisation,
        "revision": 1,
        "status": Status.NO_TRACE,
        "stage": None,
        "reason": None,
        "answered_at": NOW,
        "data_as_at": NOW,
        "approved_by": None,
        "decision": DECISION,
        "match": Match(about="p1", certainty=Certainty.NONE, method=MatchMethod.NONE, identifiers_used=()),
        "matches": (),
        "item_counts": (),
    }
    return AnswerStatus(**{**values, **changes})


def block_of(status: AnswerStatus) -> bytes:
    body = AnswerBody(
        items=(),
        systems_searched=(),
        gaps="",
        look_back_from=None,
        known_to_agency=None,
        lead_contact=None,
        author=None,
        judgement=Judgement(),
    )
    return encode_parts(Answer(status=status, body=body))[0]


class Story:
    """Writes events as their senders do, with numbers that run on, one ledger entry each."""

    def __init__(self) -> None:
        self.events: list[LedgerEvent] = []
        self.numbers: dict[str, int] = {}

    def add(self, sender: str, kind: EventKind, *, answered_by: str | None = None, **about: Any) -> LedgerEvent:
        personal = about.pop("personal", Personal())
        issued_at = about.pop("issued_at", NOW)
        self.numbers[sender] = about.pop("sequence", self.numbers.get(sender, 0) + 1)
        skeleton = Skeleton(
            event_id=str(UUID(int=len(self.events) + 1, version=4)),
            event=kind,
            occurred_at=NOW,
            organisation=sender,
            service=sender,
            build="test",
            **about,
        )
        event = LedgerEvent(
            index=len(self.events),
            sender=sender,
            roles=(ROLES[sender],) if sender in ROLES else (),
            stream=f"{sender}.0",
            sequence=self.numbers[sender],
            issued_at=issued_at,
            answered_by=answered_by,
            skeleton=skeleton,
            personal=personal,
        )
        self.events.append(event)
        return event

    def asked(self, *organisations: str, **about: Any) -> LedgerEvent:
        sender = about.pop("sender", "hub")
        values = {"request_id": REQUEST, "due_at": DUE, "recipients": organisations, **about}
        return self.add(sender, EventKind.ASKED, **values)

    def answered(self, organisation: str, digest: bytes = b"\x01" * 32, **changes: Any) -> LedgerEvent:
        return self._about_answer(organisation, EventKind.ANSWERED, organisation, digest, None, **changes)

    def opened(self, organisation: str, digest: bytes = b"\x01" * 32, **changes: Any) -> LedgerEvent:
        consumed = Consumed(topic=f"mash.northants.answers.hub.{organisation}.v1", partition=0, offset=0, digest=digest)
        sender = changes.pop("sender", "hub-screening")
        return self._about_answer(sender, EventKind.OPENED, organisation, digest, consumed, **changes)

    def _about_answer(
        self, sender: str, kind: EventKind, organisation: str, digest: bytes, consumed: Consumed | None, **changes: Any
    ) -> LedgerEvent:
        sent = changes.pop("sent", status_of(organisation))
        own = kind == EventKind.ANSWERED
        values = {
            "request_id": REQUEST,
            "answer_id": str(UUID(int=99, version=4)),
            "answer_digest": digest,
            "status": sent.status,
            "stage": sent.stage,
            "revision": sent.revision,
            "consumed": consumed,
            "decision": RecordedDecision.of(sent.decision) if own else None,
            "item_counts": tuple(RecordedCount.of(one) for one in sent.item_counts) if own else (),
            "answered_by": None if own else organisation,
            "personal": Personal(status_block=block_of(sent), status_salt=b"\x05" * 32),
            **changes,
        }
        return self.add(sender, kind, **values)

    def alarms(self, now: datetime = LATER) -> list[tuple[str, str, int]]:
        return [(one.kind.value, one.organisation, one.index) for one in reconcile(self.events, now)]


@pytest.fixture
def story() -> Story:
    return Story()


def test_answers_that_were_audited_as_opened_raise_nothing(story: Story) -> None:
    story.asked("police", "health")
    story.answered("police")
    story.answered("health", b"\x02" * 32)
    story.opened("health", b"\x02" * 32)
    story.opened("police")
    story.add("police", EventKind.DECIDED, request_id=REQUEST)  # a decision that led to no answer
    assert story.alarms(DUE + timedelta(days=400)) == []


def test_the_order_of_the_two_halves_does_not_matter(story: Story) -> None:
    story.opened("police")
    story.answered("police")
    assert story.alarms() == []


# ---------------------------------------------------------------- answers and their events


def test_an_opened_answer_without_an_event_is_found_after_the_grace(story: Story) -> None:
    opened = story.opened("police")
    assert story.alarms(NOW + GRACE) == []
    assert reconcile(story.events, LATER) == (
        Alarm(
            kind=AlarmKind.ANSWER_NOT_AUDITED,
            organisation="police",
            index=0,
            event_ids=(opened.skeleton.event_id,),
        ),
    )


def test_an_answer_that_names_another_organisations_event_is_not_audited(story: Story) -> None:
    """Attack: health's answer carries the event id of the police; a checkpoint lists it, so it looks recorded."""
    story.answered("police")
    story.opened("police")
    story.opened("health", b"\x02" * 32)  # its header's event id is of no account: only the digest counts
    assert story.alarms() == [("ANSWER_NOT_AUDITED", "health", 2)]


def test_nobody_can_audit_another_organisations_answer(story: Story) -> None:
    story.answered("police", b"\x02" * 32)
    story.opened("health", b"\x02" * 32)
    assert story.alarms() == [("AUDITED_NOT_OPENED", "police", 0), ("ANSWER_NOT_AUDITED", "health", 1)]


def test_an_event_about_another_answer_of_its_own_does_not_count(story: Story) -> None:
    story.answered("police", b"\x03" * 32)
    story.opened("police", b"\x04" * 32)
    assert story.alarms() == [("AUDITED_NOT_OPENED", "police", 0), ("ANSWER_NOT_AUDITED", "police", 1)]


def test_an_audited_answer_that_nobody_opened_is_found_after_the_grace(story: Story) -> None:
    story.answered("police")
    assert story.alarms(NOW + GRACE) == []
    assert story.alarms() == [("AUDITED_NOT_OPENED", "police", 0)]


@pytest.mark.parametrize("sender", ["police", "health", "hub", "stranger"])
def test_only_screening_can_say_that_it_opened(story: Story, sender: str) -> None:
    """Attack: an organisation audits what it never sent, and the opening with it."""
    story.answered("police")
    story.opened("police", sender=sender)
    assert ("AUDITED_NOT_OPENED", "police", 0) in story.alarms()


def test_a_second_account_of_one_answer_stays_unopened(story: Story) -> None:
    """Attack: one event for what was sent and another one that says less, under another id."""
    story.answered("police")
    story.answered("police", reason="OTHER")
    story.opened("police")
    assert story.alarms() == [("AUDITED_NOT_OPENED", "police", 1)]


# ---------------------------------------------------------------- one story in both


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"status": Status.SUMMARY}, "status"),
        ({"revision": 2}, "revision"),
        ({"stage": Stage.WITH_PERSON}, "stage"),
        ({"answer_id": str(UUID(int=98, version=4))}, "answer_id"),
        ({"request_id": str(UUID(int=8, version=4))}, "request_id"),
        ({"reason": "OTHER"}, "reason"),
        ({"decision": None}, "decision"),
        ({"personal": Personal()}, "status_block"),
        (
            {"personal": Personal(status_block=block_of(status_of("police")), status_salt=b"\x06" * 32)},
            "status_block",
        ),
        (
            {"personal": Personal(status_block=block_of(status_of("health")), status_salt=b"\x05" * 32)},
            "status_block",
        ),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_what_was_audited_otherwise_is_named(story: Story, changes: Any, named: str, backwards: bool) -> None:
    steps: list[Callable[[], Any]] = [lambda: story.answered("police", **changes), lambda: story.opened("police")]
    for step in reversed(steps) if backwards else steps:
        step()
    [alarm] = reconcile(story.events, NOW)  # both are here: there is nothing to wait for
    assert (alarm.kind, alarm.organisation, alarm.detail) == (AlarmKind.AUDITED_OTHERWISE, "police", named)
    audited = story.events[1 if backwards else 0]
    assert (alarm.index, alarm.event_ids[0]) == (audited.index, audited.skeleton.event_id)
    assert len(alarm.event_ids) == 2


def test_a_part_that_was_erased_by_order_is_no_alarm(story: Story) -> None:
    story.answered("police", personal=None)
    story.opened("police")
    story.answered("health", b"\x02" * 32)
    story.opened("health", b"\x02" * 32, personal=None)
    assert story.alarms() == []


def test_no_alarm_holds_what_was_answered(story: Story) -> None:
    story.answered("police", reason="SECRETWORD", sent=status_of("police", approved_by="pr-secret"))
    story.opened("police")
    assert "SECRETWORD" not in repr(reconcile(story.events, LATER))
    assert "secret" not in repr(story.events)


# ---------------------------------------------------------------- clocks


def test_a_request_is_overdue_for_whoever_has_not_answered(story: Story) -> None:
    story.asked("police", "health")
    story.answered("police")
    story.opened("police")
    assert story.alarms(DUE) == []
    assert story.alarms(DUE + timedelta(milliseconds=1)) == [("REQUEST_OVERDUE", "health", 0)]


def test_a_late_answer_ends_it(story: Story) -> None:
    story.asked("police")
    story.answered("police")
    story.opened("police", issued_at=DUE + timedelta(hours=1))
    assert story.alarms(DUE + timedelta(hours=2)) == []


@pytest.mark.parametrize(
    "changes", [{"sent": status_of("police", status=Status.AWAITED, revision=0)}, {"reason": "WRONG_REQUEST"}]
)
def test_waiting_and_what_was_quarantined_are_no_answer(story: Story, changes: dict[str, Any]) -> None:
    story.asked("police")
    story.answered("police", **({"sent": changes["sent"]} if "sent" in changes else {}))
    story.opened("police", **changes)
    assert story.alarms(DUE + timedelta(seconds=1)) == [("REQUEST_OVERDUE", "police", 0)]


def test_a_request_that_the_gate_kept_back_is_never_due(story: Story) -> None:
    story.asked(due_at=None)
    assert story.alarms(DUE + timedelta(days=1)) == []


def test_only_a_requester_can_ask(story: Story) -> None:
    story.asked("police", sender="health")
    assert story.alarms(DUE + timedelta(days=1)) == []


# ---------------------------------------------------------------- numbers


def numbered(story: Story, *numbers: int) -> None:
    for number in numbers:
        story.add("hub", EventKind.CHANGED, sequence=number)


def gaps(story: Story, now: datetime = LATER) -> list[tuple[str, int]]:
    return [(one.detail, one.count) for one in reconcile(story.events, now)]


def test_a_missing_number_is_found_after_the_grace(story: Story) -> None:
    numbered(story, 1, 2, 4)
    assert gaps(story, NOW + GRACE) == []
    assert gaps(story) == [("hub.0 3 to 3", 1)]
    assert story.alarms() == [("SEQUENCE_GAP", "hub", 2)]


def test_numbers_begin_at_one(story: Story) -> None:
    numbered(story, 3)
    assert gaps(story) == [("hub.0 1 to 2", 2)]


def test_a_number_that_comes_late_closes_its_gap(story: Story) -> None:
    numbered(story, 1, 6, 3)
    assert gaps(story) == [("hub.0 2 to 2", 1), ("hub.0 4 to 5", 2)]
    numbered(story, 2, 4, 5)
    assert gaps(story) == []


def test_a_skip_of_any_size_is_one_gap(story: Story) -> None:
    """Attack: a number so high that to list what is missing would fill our memory."""
    numbered(story, 1, 2**62)
    assert gaps(story) == [(f"hub.0 2 to {2**62 - 1}", 2**62 - 2)]


def test_a_number_used_twice_is_found_at_once(story: Story) -> None:
    numbered(story, 1, 2, 2)
    assert [(one.kind, one.index) for one in reconcile(story.events, NOW)] == [(AlarmKind.SEQUENCE_REPEATED, 2)]


def test_streams_are_numbered_apart(story: Story) -> None:
    numbered(story, 1, 2)
    story.events += [
        replace(story.events[0], index=2, stream="hub.1"),
        replace(story.events[0], index=3, sender="police"),
    ]
    assert gaps(story) == []


def test_numbers_go_on_across_a_restart_of_their_writer(story: Story) -> None:
    """The next number travels with the writer's position: its second life goes on where the first one stopped."""
    numbered(story, 1, 2)
    first_life = list(story.events)
    numbered(story, 3, 4)
    assert gaps(story) == []
    story.events = first_life
    numbered(story, 4)
    assert gaps(story) == [("hub.0 3 to 3", 1)]


def test_open_items_kept_between_readings_find_what_one_reading_finds() -> None:
    """Whatever the order, and wherever the reading was broken off."""
    for order in permutations(range(3)):
        story = Story()
        steps: list[Callable[[], Any]] = [
            lambda s=story: s.answered("police"),  # type: ignore[misc]
            lambda s=story: s.opened("police", revision=3),  # type: ignore[misc]
            lambda s=story: s.opened("health", b"\x02" * 32),  # type: ignore[misc]
        ]
        for number in order:
            steps[number]()
        open_items = OpenItems()
        for event in story.events:
            open_items.add(event)
            open_items.alarms(LATER)
        assert open_items.alarms(LATER) == reconcile(story.events, LATER)
        assert len(open_items.alarms(LATER)) == 2
