"""Requests of one principal to every node of a cluster, raw: the quickest way to hear what the brokers allow.

Each request is a real one, as a client makes it: what is allowed is carried out. A transaction is aborted at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ssl import SSLContext
from typing import Any

from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.protocol.admin import (
    CreateAclsRequest,
    CreateTopicsRequest,
    DeleteRecordsRequest,
    DescribeAclsRequest,
    DescribeClientQuotasRequest,
    DescribeConfigsRequest,
)
from aiokafka.protocol.api import Request
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import JoinGroupRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from broker.adapters.kafka_admin.cluster import AdminCluster
from broker.adapters.kafka_admin.desired import desired_state
from broker.adapters.kafka_admin.plan import Plan, plan
from schemas.directory import Directory

GROUP, TRANSACTION = 0, 1
ANY, USER, READ_COMMITTED, LATEST, EVERY_REPLICA = 1, 2, 1, -1, -1
TOPIC, LITERAL, EVERYTHING, ALLOW = 2, 3, 2, 3  # a resource, a pattern, an operation, a permission
TIMEOUT_MS = 10_000

REFUSALS = frozenset({29, 30, 31, 53})
"""Authorisation failed: for a topic, a group, the cluster, a transactional id."""

DONE = frozenset({0, 79})
"""Done; or (79) a group lets us in, and wants to hear our new member's id."""

NOT_YET = frozenset({5, 6, 14, 15, 16, 51})
"""A leader or coordinator is being found, or ends what was before."""

NO_PRODUCER = (-1, -1)


@dataclass(kw_only=True)
class Principal:
    """One principal's connections, one a node, under its own certificate."""

    name: str
    connections: Mapping[int, AIOKafkaConnection]
    leaders: Mapping[str, int]
    coordinators: dict[tuple[int, str], int] = field(default_factory=dict)

    async def describe_topic(self, topic: str) -> int:
        return await self._anywhere(MetadataRequest([topic], False))

    async def measure(self, topic: str) -> int:
        return await self._at(self.leaders[topic], OffsetRequest(-1, READ_COMMITTED, [(topic, [(0, LATEST)])]))

    async def fetch(self, topic: str) -> int:
        request = FetchRequest(0, 0, 1 << 20, READ_COMMITTED, [(topic, [(0, 0, 1 << 20)])])
        return await self._at(self.leaders[topic], request)

    async def produce(self, topic: str, *, transaction: str | None, producer: tuple[int, int]) -> int:
        batch = DefaultRecordBatchBuilder(
            2, 0, int(transaction is not None), *producer, -1 if transaction is None else 0, 0
        )
        batch.append(0, None, b"knock", b"", [])
        request = ProduceRequest(transaction, EVERY_REPLICA, TIMEOUT_MS, [(topic, [(0, bytes(batch.build()))])])
        return await self._at(self.leaders[topic], request)

    async def delete_records(self, topic: str) -> int:
        return await self._at(self.leaders[topic], DeleteRecordsRequest([(topic, [(0, 0)])], TIMEOUT_MS))

    async def describe_configuration(self, topic: str) -> int:
        return await self._anywhere(DescribeConfigsRequest([(TOPIC, topic, None)]))

    async def find(self, kind: int, name: str) -> int:
        return await self._anywhere(FindCoordinatorRequest(name, kind))

    async def fetch_position(self, group: str, topic: str) -> int:
        return await self._at(self.coordinators[GROUP, group], OffsetFetchRequest(group, [(topic, [0])]))

    async def join(self, group: str) -> int:
        request = JoinGroupRequest(group, TIMEOUT_MS, TIMEOUT_MS, "", None, "consumer", [("mash-1", b"")])
        return await self._at(self.coordinators[GROUP, group], request)

    async def commit_position(self, group: str, topic: str) -> int:
        request = OffsetCommitRequest(group, -1, "", -1, [(topic, [(0, 0, "")])])
        return await self._at(self.coordinators[GROUP, group], request)

    async def begin(self, transaction: str) -> tuple[int, tuple[int, int]]:
        """Return the error code, producer id and epoch."""
        request = InitProducerIdRequest(transaction, 5000)
        response = await self._answer(self.coordinators[TRANSACTION, transaction], request)
        return code_of(response), (response.producer_id, response.producer_epoch)

    async def add_to_transaction(self, transaction: str, producer: tuple[int, int], topic: str) -> int:
        request = AddPartitionsToTxnRequest(transaction, *producer, [(topic, [0])])
        return await self._at(self.coordinators[TRANSACTION, transaction], request)

    async def abort(self, transaction: str, producer: tuple[int, int]) -> int:
        return await self._at(self.coordinators[TRANSACTION, transaction], EndTxnRequest(transaction, *producer, False))

    async def create_topic(self, topic: str) -> int:
        return await self._anywhere(CreateTopicsRequest([(topic, 1, 3, [], [])], TIMEOUT_MS, False))

    async def see_rules(self) -> int:
        return await self._anywhere(DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY))

    async def add_rule(self, topic: str) -> int:
        who = f"User:{self.name}"
        return await self._anywhere(CreateAclsRequest(TOPIC, topic, LITERAL, who, "*", EVERYTHING, ALLOW))

    async def see_limits(self) -> int:
        return await self._anywhere(DescribeClientQuotasRequest([("user", USER, None)], True))

    async def all_know(self, rules: int) -> None:
        """Wait until each node knows of so many rules."""
        request = DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY)
        for node in self.connections:
            while True:
                answer = await self._answer(node, request)
                if sum(len(acls) for *_, acls in answer.resources) >= rules:
                    break
                await asyncio.sleep(0.05)

    async def learn(self, kind: int, name: str) -> None:
        """Find a coordinator, for everybody."""
        response = await self._answer(next(iter(self.connections)), FindCoordinatorRequest(name, kind))
        self.coordinators[kind, name] = response.coordinator_id

    async def close(self) -> None:
        """Close every connection."""
        for connection in self.connections.values():
            await connection.close()

    async def _anywhere(self, request: Request) -> int:
        return await self._at(next(iter(self.connections)), request)

    async def _at(self, node: int, request: Request) -> int:
        return code_of(await self._answer(node, request))

    async def _answer(self, node: int, request: Request) -> Any:
        async with asyncio.timeout(30):
            while True:
                response = await self.connections[node].send(request)
                if code_of(response) not in NOT_YET:
                    return response
                await asyncio.sleep(0.05)


def code_of(response: Any) -> int:
    """Return the refusal in an answer, else any error, else 0."""
    if whole := getattr(response, "error_code", 0):
        return int(whole)
    codes = list(_codes(response.to_object()))
    return next((code for code in codes if code in REFUSALS), next((code for code in codes if code), 0))


def _codes(part: Any) -> Iterator[int]:
    for name, value in part.items():
        if name == "error_code":
            yield value
        elif isinstance(value, list):
            for one in value:
                yield from _codes(one) if isinstance(one, dict) else ()


def provision(cluster: Any, directory: Directory) -> Plan:
    """Make a secured cluster what a directory asks for, and return what was done."""
    admin = AdminCluster(cluster.bootstrap, cluster.admin, clock=lambda: datetime.now(UTC))
    found = plan(desired_state(directory), admin.current_state(directory.partnership))
    admin.carry_out(found.changes)
    return found


async def connect(
    nodes: Mapping[int, tuple[str, int]], context: SSLContext, name: str
) -> dict[int, AIOKafkaConnection]:
    """Return a connection to each node."""
    return {
        number: await create_conn(host, port, client_id=name, ssl_context=context, security_protocol="SSL")
        for number, (host, port) in nodes.items()
    }


async def layout(
    bootstrap: str, context: SSLContext, topics: list[str]
) -> tuple[dict[int, tuple[str, int]], dict[str, int]]:
    """Return where each node is and who leads each topic, once every topic has a leader."""
    host, _, port = bootstrap.split(",")[0].rpartition(":")
    connection = await create_conn(host, int(port), ssl_context=context, security_protocol="SSL")
    try:
        async with asyncio.timeout(30):
            while True:
                answer = await connection.send(MetadataRequest(topics, False))
                if code_of(answer) == 0:
                    break
                await asyncio.sleep(0.05)
    finally:
        await connection.close()
    nodes = {number: (host, port) for number, host, port, _ in answer.brokers}
    return nodes, {name: partitions[0][2] for _, name, _, partitions in answer.topics}
