"""A cluster's administration through `confluent_kafka`, which nothing else imports.

Promise: `current_state` reads everything that a plan compares; `carry_out` makes the changes that it is given and no
other, one request for each kind. All grants are one request: the controller writes all of them or none, so that a crash
never leaves a principal with some of its rights, which the next plan would take for a person's decision.
"""

# The client's own types re-export nothing and know of no filter without a name:
# mypy: disable-error-code="attr-defined,arg-type,misc,union-attr"

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Final, final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from broker.adapters.crypto.certificates import AUTHORITY, CERTIFICATE, KEY, read_certificate
from broker.adapters.kafka import Files, Security, why_not
from broker.adapters.kafka.quotas import read_quotas, set_quotas
from broker.adapters.kafka_admin.current import Acl, ClusterState, Resource, TopicState
from broker.adapters.kafka_admin.plan import Change, Configure, Create, Grant, Limit, Revoke
from broker.errors import FieldError, MashError, UnavailableError, UsageError
from broker.ports import Clock
from schemas.topics import PREFIX

_FIRST_SECONDS: Final = 5.0
"""For the first request, which also connects: brokers that are down are reported while a person still watches."""
_SECONDS: Final = 10.0
"""For each later request, which may wait for the election of a new controller."""
_AWAY: Final = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError._SSL,
        KafkaError._AUTHENTICATION,
        KafkaError._DESTROY,
        KafkaError.REQUEST_TIMED_OUT,
    }
)
_NOT_ALLOWED: Final = frozenset(
    {
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
    }
)
_EVERY_ACL: Final = AclBindingFilter(
    ResourceType.ANY,
    None,
    ResourcePatternType.ANY,
    None,
    None,
    AclOperation.ANY,
    AclPermissionType.ANY,
)
_RESOURCES: Final[Mapping[ResourceType, Resource]] = {
    ResourceType.TOPIC: Resource.TOPIC,
    ResourceType.GROUP: Resource.GROUP,
    ResourceType.TRANSACTIONAL_ID: Resource.TRANSACTIONAL_ID,
    ResourceType.BROKER: Resource.CLUSTER,  # confluent_kafka's name for it
}


@final
class AdminCluster:
    """The brokers at `bootstrap`, with the key and certificate in `folder`. Raises: UsageError where these do not
    fit."""

    def __init__(self, bootstrap: str, folder: Path, *, clock: Clock) -> None:
        self._bootstrap = bootstrap
        self._folder = folder
        files = Files(authority=folder / AUTHORITY, certificate=folder / CERTIFICATE, key=folder / KEY)
        self._name = read_certificate(folder / CERTIFICATE).name  # an administrator may have any name
        self._security = Security(files, principal=self._name, sign_in=None, clock=clock)
        self._client = AdminClient(
            {
                "bootstrap.servers": bootstrap,
                "client.id": "provisioning",
                "security.protocol": "SSL",
                "ssl.ca.location": str(folder / AUTHORITY),
                "ssl.certificate.location": str(folder / CERTIFICATE),
                "ssl.key.location": str(folder / KEY),
                "log_level": 0,  # faults are raised; librdkafka would also write them on standard error
            }
        )

    def current_state(self, partnership: str) -> ClusterState:
        """Read the current state. Raises: UsageError where the certificate is no administrator's, UnavailableError."""
        with self._explained():
            metadata = self._client.list_topics(timeout=_FIRST_SECONDS)
            copies = {
                name: [len(one.replicas) for one in topic.partitions.values()]
                for name, topic in metadata.topics.items()
                if name.startswith(f"{PREFIX}.{partnership}.")
            }
            configurations = self._configurations(ResourceType.TOPIC, copies)
            return ClusterState(
                nodes=len(metadata.brokers),
                # One request for each node, which knows only its own settings.
                settings=tuple(
                    self._configurations(ResourceType.BROKER, [str(one)])[str(one)] for one in metadata.brokers
                ),
                topics={
                    name: TopicState(
                        name=name, partitions=len(found), copies=min(found), configuration=configurations[name]
                    )
                    for name, found in copies.items()
                },
                acls=frozenset(_acl(one) for one in self._client.describe_acls(_EVERY_ACL).result(_SECONDS)),
                quotas=asyncio.run(read_quotas(self._bootstrap, security=self._security)),
            )

    def carry_out(self, changes: Sequence[Change]) -> None:
        """Make the changes, one kind after the other. Raises: UsageError, UnavailableError; earlier kinds are done."""
        with self._explained():
            self._revoke([one.acl for one in changes if isinstance(one, Revoke)])
            self._create([one.topic for one in changes if isinstance(one, Create)])
            self._configure([one for one in changes if isinstance(one, Configure)])
            limits = {one.principal: one.wanted for one in changes if isinstance(one, Limit)}
            if limits:
                asyncio.run(set_quotas(self._bootstrap, limits, security=self._security))
            # Crash before this line: a new principal has none of its rights. After it: all of them.
            self._grant([one.acl for one in changes if isinstance(one, Grant)])

    def _revoke(self, acls: Collection[Acl]) -> None:
        if acls:
            _all(self._client.delete_acls([_binding(acl, AclBindingFilter) for acl in acls]).values())

    def _grant(self, acls: Collection[Acl]) -> None:
        if acls:
            _all(self._client.create_acls([_binding(acl, AclBinding) for acl in acls]).values())

    def _create(self, topics: Collection[TopicState]) -> None:
        if topics:
            new = [NewTopic(one.name, one.partitions, one.copies, config=dict(one.configuration)) for one in topics]
            _all(self._client.create_topics(new).values(), but=KafkaError.TOPIC_ALREADY_EXISTS)

    def _configure(self, settings: Collection[Configure]) -> None:
        if settings:
            entries: dict[str, list[ConfigEntry]] = {}
            for one in settings:
                entry = ConfigEntry(one.name, one.wanted, incremental_operation=AlterConfigOpType.SET)
                entries.setdefault(one.topic, []).append(entry)
            resources = [
                ConfigResource(ResourceType.TOPIC, name, incremental_configs=found) for name, found in entries.items()
            ]
            _all(self._client.incremental_alter_configs(resources).values())

    def _configurations(self, kind: ResourceType, names: Collection[str]) -> dict[str, Mapping[str, str]]:
        if not names:
            return {}
        asked = self._client.describe_configs([ConfigResource(kind, name) for name in names])
        found = {resource.name: future.result(_SECONDS) for resource, future in asked.items()}
        return {
            name: {entry.name: entry.value for entry in entries.values() if entry.value is not None}
            for name, entries in found.items()
        }

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise UnavailableError("the brokers do not answer") from None
        except KafkaException as fault:
            raise self._explanation(fault.args[0]) from None

    def _explanation(self, error: KafkaError) -> MashError:
        if error.code() in _AWAY or error.retriable():
            why = asyncio.run(why_not(self._bootstrap, self._security.context))
            return UnavailableError(f"the brokers: {why}")
        if error.code() in _NOT_ALLOWED:
            return UsageError(f"{self._folder / CERTIFICATE}: {self._name} is no administrator of these brokers")
        if error.code() == KafkaError.SECURITY_DISABLED:
            return FieldError("brokers", "these have no authoriser: nobody would be held to the table")
        return FieldError("brokers", f"they refuse: {error.name().lower().replace('_', ' ')}")


def _all(futures: Iterable[Future[object]], *, but: int | None = None) -> None:
    """Wait for every result, then raise the first fault, but for the error code that is no fault here."""
    faults = [future.exception(_SECONDS) for future in futures]
    for fault in faults:
        if isinstance(fault, KafkaException) and fault.args[0].code() == but:
            continue
        if fault is not None:
            raise fault


def _acl(found: AclBinding) -> Acl:
    return Acl(
        principal=found.principal,
        resource=_RESOURCES.get(found.restype, Resource.OTHER),
        name=found.name,
        prefixed=found.resource_pattern_type is ResourcePatternType.PREFIXED,
        operation=found.operation.name,
        allow=found.permission_type is AclPermissionType.ALLOW,
        host=found.host,
    )


def _binding(acl: Acl, kind: type[AclBinding]) -> AclBinding:
    [restype] = [one for one, word in _RESOURCES.items() if word is acl.resource]
    return kind(
        restype,
        acl.name,
        ResourcePatternType.PREFIXED if acl.prefixed else ResourcePatternType.LITERAL,
        acl.principal,
        acl.host,
        AclOperation[acl.operation],
        AclPermissionType.ALLOW if acl.allow else AclPermissionType.DENY,
    )
