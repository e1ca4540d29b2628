"""A container's health check believes only the process itself, and only when it says that it does its work."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import pytest
from node import free_ports

from broker.runtime.observability.http import Address, HttpServer, Page
from broker.runtime.observability.probe import main


async def _asked(status: HTTPStatus) -> int:
    async def page() -> Page:
        return Page(status=status, kind="application/json", body=b'{"reasons": ["STARTING"]}')

    [port] = free_ports(1)
    server = HttpServer({"/readyz": page})
    await server.start(Address(host="127.0.0.1", port=port))
    try:
        return await asyncio.to_thread(main, f"127.0.0.1:{port}")
    finally:
        await server.close()


@pytest.mark.parametrize(("status", "code"), [(HTTPStatus.OK, 0), (HTTPStatus.SERVICE_UNAVAILABLE, 1)])
async def test_a_process_is_healthy_when_it_says_so(
    status: HTTPStatus, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it says goes on, for whoever inspects the container."""
    assert await _asked(status) == code
    assert "STARTING" in capsys.readouterr().out


def test_a_process_that_is_not_there_is_not_healthy(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing listens: nothing is well."""
    [port] = free_ports(1)
    assert main(f"127.0.0.1:{port}") == 1
    assert "no answer" in capsys.readouterr().out
