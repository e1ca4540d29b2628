"""Every directory version is published and accounted for once, whatever crashes in between."""

from __future__ import annotations

from typing import Any

import pytest

from broker.exchange.directory_source import directory_file
from broker.exchange.outbox import Outbox
from broker.partnership.home import read_signed_directories
from schemas.vocabulary import EventKind

DIRECTORY = "mash.northants.directory.v1"


def test_a_version_is_published_and_accounted_for(hub_home: Any) -> None:
    """The value is what the roots signed, byte for byte; the event quotes its digest."""
    assert hub_home.announce() == 1
    hub_home.drain()
    (message,) = hub_home.on(DIRECTORY)
    assert message.key == b"1"
    assert message.value == read_signed_directories(hub_home.home)[0]
    (event,) = hub_home.events()
    skeleton = event.record.skeleton
    assert (skeleton.event, skeleton.changed) == (EventKind.CHANGED, "DIRECTORY")
    with hub_home.principal("police") as police:
        assert skeleton.changed_digest == police.published.current().digest
    assert event.sender.id == "hub"
    assert skeleton.request_id is None


def test_repeating_announces_nothing(hub_home: Any) -> None:
    hub_home.announce()
    hub_home.drain()
    assert hub_home.announce() == 0
    hub_home.drain()
    assert len(hub_home.on(DIRECTORY)) == 1


def test_a_crash_before_publishing_loses_and_doubles_nothing(hub_home: Any) -> None:
    """The next command publishes what was stored, and does not store it again."""
    assert hub_home.announce() == 1
    assert hub_home.on(DIRECTORY) == ()
    assert hub_home.announce() == 0
    hub_home.drain()
    hub_home.drain()
    assert len(hub_home.on(DIRECTORY)) == len(hub_home.events()) == 1


def test_a_crash_before_the_commit_leaves_nothing(hub_home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither remembered, nor numbered, nor stored."""

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", crash)
        with pytest.raises(KeyboardInterrupt):
            hub_home.announce()
    assert hub_home.announce() == 1
    hub_home.drain()
    assert [event.header.sequence for event in hub_home.events()] == [1]


def test_each_later_version_is_announced_in_order(hub_home: Any) -> None:
    hub_home.renew(days=4)
    hub_home.renew(days=4)
    assert hub_home.announce() == 3
    hub_home.drain()
    assert [message.key for message in hub_home.on(DIRECTORY)] == [b"1", b"2", b"3"]
    assert [event.header.sequence for event in hub_home.events()] == [1, 2, 3]
    assert len({event.record.skeleton.event_id for event in hub_home.events()}) == 3
    hub_home.renew(days=4)
    assert hub_home.announce() == 1


def test_a_version_that_is_not_signed_is_not_announced(hub_home: Any) -> None:
    """A file that anybody may have put there is nobody's version."""
    signed = bytearray(read_signed_directories(hub_home.home)[0])
    signed[-1] ^= 1
    directory_file(hub_home.home.directory_folder, 2).write_bytes(bytes(signed))
    assert hub_home.announce() == 1
    hub_home.drain()
    assert [message.key for message in hub_home.on(DIRECTORY)] == [b"1"]


def test_a_version_whose_file_is_gone_is_passed_over(hub_home: Any) -> None:
    """Its successor names its digest; the partnership goes on."""
    hub_home.renew(days=4)
    directory_file(hub_home.home.directory_folder, 1).unlink()
    assert hub_home.announce() == 1
    hub_home.drain()
    assert [message.key for message in hub_home.on(DIRECTORY)] == [b"2"]
