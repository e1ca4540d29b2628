"""Client quotas of a cluster's users, read and set: requests that no Kafka client for Python offers.

DescribeClientQuotas and AlterClientQuotas, version 0 (KIP-546), go to any node, which forwards them to the controller.
Setting one quota leaves a user's other quotas as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import ClusterAuthorizationFailedError, NoError, for_code
from aiokafka.protocol.admin import DescribeClientQuotasRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Float64, Int16, Int32, Schema, String

from broker.adapters.kafka.faults import translated
from broker.adapters.kafka.security import Security
from broker.adapters.kafka.settings import Settings
from broker.errors import UnavailableError, UsageError

Quotas = Mapping[str, float]
"""A quota's key in Kafka, and its value."""

_USER: Final = "user"
_ANY_NAME: Final = 2
_ALTER: Final = 49
_PATIENCE: Final = timedelta(seconds=6)
"""The `session` of these settings, of which only the request timeout is used: 15 s, as any request of an instance."""
_ENTITY: Final = Array(("entity_type", String("utf-8")), ("entity_name", String("utf-8")))


class _AlterQuotasResponse(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = _ALTER
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "entries",
            Array(("error_code", Int16), ("error_message", String("utf-8")), ("entity", _ENTITY)),
        ),
    )


class _AlterQuotasStruct(RequestStruct):  # type: ignore[misc]
    API_KEY = _ALTER
    API_VERSION = 0
    RESPONSE_TYPE = _AlterQuotasResponse
    SCHEMA = Schema(
        (
            "entries",
            Array(
                ("entity", _ENTITY), ("ops", Array(("key", String("utf-8")), ("value", Float64), ("remove", Boolean)))
            ),
        ),
        ("validate_only", Boolean),
    )


class _AlterQuotas(Request[_AlterQuotasStruct]):  # type: ignore[misc]
    API_KEY = _ALTER

    def __init__(self, wanted: Mapping[str, Quotas]) -> None:
        self._entries = [
            ([(_USER, user)], [(name, limit, False) for name, limit in quotas.items()])
            for user, quotas in wanted.items()
        ]

    def build(self, request_struct_class: type[_AlterQuotasStruct]) -> _AlterQuotasStruct:
        """Return the request in the version's own form."""
        return request_struct_class(self._entries, False)


async def read_quotas(bootstrap: str, *, security: Security | None) -> dict[str, Quotas]:
    """Return the quotas of each user that has its own. Raises: UsageError, UnavailableError."""
    # strict: quotas of a user on one client id only are left out.
    answer = await _ask(bootstrap, DescribeClientQuotasRequest([(_USER, _ANY_NAME, None)], True), security)
    _check(answer.error_code)
    found: dict[str, Quotas] = {}
    for [(_, user)], values in answer.entries or ():
        if user is not None:  # None: the default quotas of users without their own
            found[user] = dict(values)
    return found


async def set_quotas(bootstrap: str, wanted: Mapping[str, Quotas], *, security: Security | None) -> None:
    """Set these quotas of these users. Raises: UsageError, UnavailableError."""
    answer = await _ask(bootstrap, _AlterQuotas(wanted), security)
    for code, _, _ in answer.entries:
        _check(code)


async def _ask(bootstrap: str, request: Request, security: Security | None) -> Response:
    settings = Settings(bootstrap=bootstrap, client_id="provisioning", session=_PATIENCE, security=security)
    client = AIOKafkaAdminClient(**settings.common())
    with translated():
        try:
            await client.start()
            return await client._send_request(request)
        finally:
            await client.close()


def _check(code: int) -> None:
    error = for_code(code)
    if error is ClusterAuthorizationFailedError:
        raise UsageError("the brokers do not let this certificate's holder see or set limits: use the administrator's")
    if error is not NoError:
        raise UnavailableError(f"limits cannot be seen or set ({error.__name__})")
