"""Provisioning of one partnership's brokers: topics, access rules and quotas, derived from a HOME's signed directory.

Promise: a plan comes only from the table of access and the newest directory version that two roots signed and that has
not expired; nothing else decides who may do what. `apply` carries out exactly what `plan` shows. See ADR 0015.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never, final

from broker.adapters.kafka_admin.current import Acl, Quotas
from broker.adapters.kafka_admin.desired import desired_state
from broker.adapters.kafka_admin.findings import Remark
from broker.adapters.kafka_admin.plan import Change, Configure, Create, Grant, Limit, Plan, Revoke, plan
from broker.bootstrap.principal import build_crypto, utc_now
from broker.config import Config, KafkaLogConfig
from broker.errors import FieldError, UsageError
from broker.exchange.directory import TrustedDirectory, trust
from broker.partnership.home import ADMIN_FOLDER, KAFKA_FOLDER, Home, read_signed_directories
from schemas.topics import COPIES
from schemas.vocabulary import PrincipalRole

if TYPE_CHECKING:
    from broker.adapters.kafka_admin.cluster import AdminCluster

NO_CLIENT: Final = "mash kafka needs the extra: pip install 'mash-broker[provision]'"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """A partnership's directory, and its brokers opened with an administrator's certificate."""

    directory: TrustedDirectory
    cluster: AdminCluster
    development: bool

    def plan(self) -> Plan:
        """Return how the brokers differ from the table. Raises: UsageError where this is no administrator's
        certificate, UnavailableError."""
        directory = self.directory.directory
        there = self.cluster.current_state(directory.partnership)
        # A development machine may run one node, and its data may be lost.
        copies = min(COPIES, there.nodes) if self.development else COPIES
        return plan(desired_state(directory, copies=copies), there)

    def apply(self) -> Plan:
        """Make the permitted changes and return them. Raises: UsageError, UnavailableError."""
        found = self.plan()
        self.cluster.carry_out(found.changes)
        return found


def open_provisioning(home: Home, *, kafka: str | None, admin: Path | None, development: bool) -> Provisioning:
    """Open a HOME's brokers, or those given, with the certificate in `admin` or else HOME's own administrator's.

    Raises: UsageError, UnavailableError.
    """
    config = home.config(home.one_of_role(PrincipalRole.REQUESTER))
    if kafka is None and not isinstance(config.log, KafkaLogConfig):
        raise FieldError("brokers", "missing: this home runs on its embedded log")
    folder = admin or home.path / KAFKA_FOLDER / ADMIN_FOLDER
    directory = _trusted(home, config)
    try:
        from broker.adapters.kafka_admin.cluster import AdminCluster
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "confluent_kafka":
            raise
        raise UsageError(NO_CLIENT) from None
    return Provisioning(
        directory=directory,
        cluster=AdminCluster(kafka or config.log.address, folder, clock=utc_now),
        development=development,
    )


def _trusted(home: Home, config: Config) -> TrustedDirectory:
    """Return the newest trusted version, whatever its file name; an older one may name somebody suspended since."""
    versions = [
        trust(
            signed,
            partnership=config.partnership,
            roots={name: bytes.fromhex(key) for name, key in config.directory.roots.items()},
            seen=(config.directory.minimum_version, None),
            crypto=build_crypto(),
            now=utc_now(),
        )
        for signed in read_signed_directories(home)
    ]
    if not versions:
        raise UsageError(f"{home.directory_folder}: holds no signed directory")
    newest = max(versions, key=lambda one: one.directory.version)
    if newest.stale(utc_now()):
        raise UsageError(f"{home.directory_folder}: the directory has expired; renew it (mash up does)")
    return newest


# ---------------------------------------------------------------- what is shown


def document_of(found: Plan) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Return a plan as the document that `mash kafka` prints."""
    return {
        "changes": [_change(one) for one in found.changes],
        "refused": [_note(one) for one in found.refused],
        "foreign": [_note(one) for one in found.foreign],
    }


def _change(change: Change) -> Mapping[str, str]:
    match change:
        case Revoke(acl=acl):
            return _step("revoke", acl.where, there=_rule(acl), wanted="")
        case Create(topic=topic):
            layout = f"{topic.partitions} partition(s), {topic.copies} replica(s)"
            settings = [f"{name}={value}" for name, value in topic.configuration.items()]
            return _step("create", f"topic {topic.name}", there="", wanted=", ".join((layout, *settings)))
        case Configure(topic=name, name=key, there=there, wanted=wanted):
            return _step("configure", f"topic {name}", there=f"{key}={there}", wanted=f"{key}={wanted}")
        case Limit(principal=principal, there=limits, wanted=narrower):
            return _step("limit", principal, there=_limits(limits), wanted=_limits(narrower))
        case Grant(acl=acl):
            return _step("grant", acl.where, there="", wanted=_rule(acl))
        case _:
            assert_never(change)


def _step(step: str, on: str, *, there: str, wanted: str) -> Mapping[str, str]:
    return {"step": step, "on": on, "there": there, "wanted": wanted}


def _rule(acl: Acl) -> str:
    return f"{acl.principal} {'may' if acl.allow else 'must not'} {acl.operation}"


def _limits(quotas: Quotas) -> str:
    return ", ".join(f"{name}={limit:.0f}" for name, limit in quotas.items())


def _note(note: Remark) -> Mapping[str, str]:
    return {"what": note.what, "why": note.why, "do": note.do}
