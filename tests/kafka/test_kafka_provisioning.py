"""`mash kafka plan|apply` on three nodes: once is enough, drift is mended, and nothing is loosened by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broker.adapters.kafka_admin.cluster import AdminCluster
from broker.adapters.kafka_admin.current import Acl, Resource
from broker.adapters.kafka_admin.plan import Change, Configure, Grant, Limit, Revoke
from broker.application.create import make_home
from broker.cli import main

PARTNERSHIP = "drift"
AUDIT = f"mash.{PARTNERSHIP}.audit.v1"
READS_ITS_REQUESTS = Acl(
    principal="User:constabulary",
    resource=Resource.TOPIC,
    name=f"mash.{PARTNERSHIP}.requests.constabulary.v1",
    prefixed=False,
    operation="READ",
)
READS_THE_AUDIT = replace(READS_ITS_REQUESTS, name=AUDIT)


@dataclass(frozen=True)
class Ran:
    """What one command did."""

    code: int
    document: Mapping[str, Sequence[Mapping[str, str]]]
    err: str

    def steps(self) -> set[tuple[str, str]]:
        return {(one["step"], one["on"]) for one in self.document["changes"]}

    def notes(self) -> list[str]:
        return [one["what"] for kind in ("refused", "foreign") for one in self.document[kind]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("provisioned") / "home"
    organisations = ["constabulary=POLICE", "trust=HEALTH"]
    make_home(path, profile="northamptonshire", organisations=organisations, review=["none"], partnership=PARTNERSHIP)
    return path


@pytest.fixture
def admin(secured_cluster: Any) -> AdminCluster:
    """The administrator's own hands, past the planner."""
    return AdminCluster(secured_cluster.bootstrap, secured_cluster.admin, clock=lambda: datetime.now(UTC))


@pytest.fixture
def mash_kafka(
    secured_cluster: Any, home: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> Iterator[Callable[..., Ran]]:
    """Run `mash kafka ... --json`. In the end the brokers are as the table says."""

    def run(action: str, *, admin: Path | None = None) -> Ran:
        capfdbinary.readouterr()
        words = ["kafka", action, str(home), "--kafka", secured_cluster.bootstrap, "--json"]
        code = main.run([*words, "--as-admin", str(admin or secured_cluster.admin)])
        out, err = capfdbinary.readouterr()
        return Ran(code=code, document=json.loads(out) if out else {}, err=err.decode())

    run("apply")
    yield run
    assert run("plan").code == 0


def carried_out(admin: AdminCluster, *changes: Change) -> None:
    admin.carry_out(changes)


def configured(there: str, wanted: str) -> Configure:
    return Configure(topic=AUDIT, name="min.insync.replicas", there=there, wanted=wanted)


def test_what_is_applied_twice_is_applied_once(mash_kafka: Callable[..., Ran]) -> None:
    for action in ("plan", "apply", "plan"):
        ran = mash_kafka(action)
        assert (ran.code, ran.err) == (0, "")
        assert ran.document == {"changes": [], "refused": [], "foreign": []}


def test_right_too_many_and_wider_limits_are_shown_and_taken_back(
    mash_kafka: Callable[..., Ran], admin: AdminCluster
) -> None:
    wide = Limit(principal="constabulary", there={}, wanted={"producer_byte_rate": 1e12})
    carried_out(admin, Grant(acl=READS_THE_AUDIT), configured("2", "1"), wide)
    expected = {("revoke", f"topic {AUDIT}"), ("configure", f"topic {AUDIT}"), ("limit", "constabulary")}
    shown, applied = mash_kafka("plan"), mash_kafka("apply")
    assert (shown.code, shown.steps(), shown.notes()) == (1, expected, [])
    assert (applied.code, applied.steps()) == (0, expected)
    there = admin.current_state(PARTNERSHIP)
    assert READS_THE_AUDIT not in there.acls
    assert there.topics[AUDIT].configuration["min.insync.replicas"] == "2"
    assert there.quotas["constabulary"]["producer_byte_rate"] < 1e9


def test_right_that_somebody_took_back_stays_taken_back_until_a_person_gives_it(
    mash_kafka: Callable[..., Ran], admin: AdminCluster
) -> None:
    carried_out(admin, Revoke(acl=READS_ITS_REQUESTS))
    applied = mash_kafka("apply")
    assert (applied.code, applied.steps(), len(applied.notes())) == (1, set(), 1)
    assert READS_ITS_REQUESTS not in admin.current_state(PARTNERSHIP).acls
    carried_out(admin, Grant(acl=READS_ITS_REQUESTS))  # as the command that was printed does
    assert mash_kafka("plan").code == 0


def test_stricter_configuration_is_not_loosened(mash_kafka: Callable[..., Ran], admin: AdminCluster) -> None:
    carried_out(admin, configured("2", "3"))
    applied = mash_kafka("apply")
    assert (applied.code, applied.steps()) == (1, set())
    assert "min.insync.replicas is 3, not 2" in applied.notes()[0]
    assert admin.current_state(PARTNERSHIP).topics[AUDIT].configuration["min.insync.replicas"] == "3"
    carried_out(admin, configured("3", "2"))


def test_denial_and_rules_over_more_than_ours_are_shown_and_left(
    mash_kafka: Callable[..., Ran], admin: AdminCluster
) -> None:
    denial = replace(READS_ITS_REQUESTS, allow=False)
    over_all = replace(READS_ITS_REQUESTS, principal="User:snoop", name=f"mash.{PARTNERSHIP}", prefixed=True)
    over_cluster = replace(READS_ITS_REQUESTS, resource=Resource.CLUSTER, name="kafka-cluster", operation="ALTER")
    foreign = (denial, over_all, over_cluster)
    carried_out(admin, *(Grant(acl=acl) for acl in foreign))
    applied = mash_kafka("apply")
    assert (applied.code, applied.steps(), len(applied.notes())) == (0, set(), 3)
    assert admin.current_state(PARTNERSHIP).acls >= set(foreign)
    assert mash_kafka("plan").code == 1
    carried_out(admin, *(Revoke(acl=acl) for acl in foreign))


def test_who_is_no_administrator_hears_so_in_one_line(mash_kafka: Callable[..., Ran], secured_cluster: Any) -> None:
    """An organisation's own certificate shows it nothing of the others."""
    ran = mash_kafka("plan", admin=secured_cluster.issue("constabulary"))
    assert (ran.code, ran.document, ran.err.count("\n")) == (2, {}, 1)
    assert "constabulary is no administrator of these brokers" in ran.err
