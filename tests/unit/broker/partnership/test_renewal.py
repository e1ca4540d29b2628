"""Renewal: a version is signed where every root is in reach; what lies elsewhere is named, nothing is guessed."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broker.bootstrap.principal import OpenPrincipal, open_principal, utc_now
from broker.exchange.directory_source import DirectorySource
from broker.partnership.enrolment import Plan, create_home
from broker.partnership.home import Home
from broker.partnership.profile import load_profile
from broker.partnership.renewal import OutOfReach, home_around, lacking, renew_directory, renewal_due
from schemas.vocabulary import Sector

AGED = timedelta(days=5)


@pytest.fixture
def aged(tmp_path: Path) -> Home:
    """A HOME whose directory was signed five days ago: it is due."""
    loaded = load_profile("northamptonshire")
    organisations = {"police": Sector.POLICE, "school": Sector.EDUCATION}
    review = {name: dict(loaded.profile.review) for name in organisations}
    plan = Plan(profile=loaded.profile, files=loaded.files, organisations=organisations, review=review)
    return create_home(tmp_path / "home", plan, now=utc_now() - AGED)


@pytest.fixture
def hub(aged: Home) -> Iterator[OpenPrincipal]:
    """Its hub, open."""
    # Its clock is past every moment of these tests: a version from the future would not be taken up.
    ahead = timedelta(days=60)
    principal = open_principal(aged.folder("hub"), clock=lambda: utc_now() + ahead, observe=lambda *_: None)
    try:
        yield principal
    finally:
        principal.close()


def version_of(published: DirectorySource) -> int:
    return published.current().directory.version


def lacks(home: Home, hub: OpenPrincipal) -> dict[OutOfReach, tuple[str, ...]]:
    return {one.reason: one.principals for one in lacking(home, hub.published)}


def test_where_everything_lies_in_one_home_it_is_renewed_whole_and_once(aged: Home, hub: OpenPrincipal) -> None:
    later = utc_now() + timedelta(days=7)
    assert lacking(aged, hub.published) == ()
    assert renew_directory(aged, hub.published, now=later)
    assert not renew_directory(aged, hub.published, now=later)
    assert version_of(hub.published) == 2
    assert not renewal_due(aged, hub.published.current(), now=later)


def test_without_a_root_nothing_is_signed_and_its_keeper_is_named(aged: Home, hub: OpenPrincipal) -> None:
    """In a partnership the second root lies with another organisation."""
    (aged.path / "police" / "keys" / "root.seed").unlink()
    assert lacks(aged, hub) == {OutOfReach.ROOT: ("police",)}
    assert renewal_due(aged, hub.published.current(), now=utc_now())
    assert not renew_directory(aged, hub.published, now=utc_now())
    assert version_of(hub.published) == 1


def test_a_folder_that_is_elsewhere_keeps_its_epochs_and_is_named(aged: Home, hub: OpenPrincipal) -> None:
    """The others' are renewed, and the directory lives on; it is not signed again each time for what is not here."""
    before = hub.published.current().principal("school").kem_keys
    own = hub.published.current().principal("police").kem_keys
    shutil.rmtree(aged.path / "school")
    later = utc_now() + timedelta(days=7)
    assert lacks(aged, hub) == {OutOfReach.EPOCH: ("school",)}
    assert renew_directory(aged, hub.published, now=later)
    assert hub.published.current().principal("school").kem_keys == before
    assert len(hub.published.current().principal("police").kem_keys) > len(own)
    assert not renew_directory(aged, hub.published, now=later)


@pytest.mark.parametrize("folder", ["hub", "self"])
def test_the_hubs_folder_alone_signs_nothing_and_names_everybody(
    aged: Home, tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container, under whatever name its folder is mounted."""
    shutil.copytree(aged.path / "hub", tmp_path / "srv" / folder)
    shutil.copytree(aged.directory_folder, tmp_path / "srv" / "directory")
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "directory" and access(path, mode))
    principal = open_principal(tmp_path / "srv" / folder, observe=lambda *_: None)
    try:
        home = home_around(principal.folder)
        found = lacks(home, principal)
        assert set(found) == set(OutOfReach)
        assert "police" in found[OutOfReach.ROOT]
        assert {"police", "school", "hub-audit", "hub-screening"} <= set(found[OutOfReach.EPOCH])
        assert ("hub" in found[OutOfReach.EPOCH]) == (folder != "hub")
        assert not renew_directory(home, principal.published, now=utc_now())
        assert version_of(principal.published) == 1
    finally:
        principal.close()


def test_only_one_renews_at_a_time(aged: Home, hub: OpenPrincipal) -> None:
    """Two versions under one number would be a split view to everybody."""
    descriptor = os.open(aged.directory_folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert not renew_directory(aged, hub.published, now=utc_now())
    finally:
        os.close(descriptor)
    assert renew_directory(aged, hub.published, now=utc_now())


def test_a_version_that_came_meanwhile_is_not_signed_again(
    aged: Home, hub: OpenPrincipal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process renewed between this one's look and its lock."""
    known: Callable[..., int] = fcntl.flock
    other = open_principal(aged.folder("hub"), observe=lambda *_: None)

    def lock_late(descriptor: int, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", known)
        assert renew_directory(aged, other.published, now=utc_now())
        known(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    try:
        assert not renew_directory(aged, hub.published, now=utc_now())
    finally:
        other.close()
    assert version_of(hub.published) == 2


def test_epochs_that_nobody_may_open_any_more_are_destroyed_in_reach(aged: Home, hub: OpenPrincipal) -> None:
    """Also where no version can be signed: the secrecy of what was sealed must not wait for a root."""
    (aged.path / "police" / "keys" / "root.seed").unlink()
    renew_directory(aged, hub.published, now=utc_now() + timedelta(days=60))
    assert not list((aged.path / "hub" / "keys").glob("kem-*.seed"))


def test_every_member_has_the_partnerships_search_key_but_the_audit_service(aged: Home) -> None:
    """Tokens lie with the audit service: with the key beside them, all NHS numbers could be tried out."""
    seeds = {path.parent.parent.name: path.read_bytes() for path in aged.path.glob("*/keys/search.seed")}
    audit = seeds.pop("hub-audit")
    assert set(seeds) == {"hub", "hub-screening", "police", "school"}
    assert len(set(seeds.values())) == 1
    assert audit not in seeds.values()
