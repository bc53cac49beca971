"""What the tests of the client share."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.vedette.api.schema import check
from tests.vedette.api.stub import TOKEN, StubSentry, serving
from vedette.api import RetryPolicy, Sentry
from vedette.api.tokens import credential
from vedette.api.transport.http import HttpTransport
from vedette.api.transport.retries import RetryingTransport


@pytest.fixture(scope="session")
def openapi(shared: Path) -> dict[str, Any]:
    """Sentry's published schema, which lies beside the repository and is not part of it."""
    return json.loads((shared / "sentry" / "openapi.json").read_text())


@pytest.fixture
async def stub(openapi: dict[str, Any]) -> AsyncIterator[StubSentry]:
    """A server with configured answers; all requests are validated against Sentry's schema at the end."""
    server = StubSentry()
    async with serving(server) as url:
        server.url = url
        yield server
    # Most tests send one request many times over.
    for request in {request.key: request for request in server.requests}.values():
        check(request, openapi)


@pytest.fixture
def naps() -> list[float]:
    """How long the client would have slept."""
    return []


@pytest.fixture
async def sentry(stub: StubSentry, naps: list[float]) -> AsyncIterator[Sentry]:
    """A client of the stub that does not really sleep between its attempts."""

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        yield Sentry(organization="acme", transport=RetryingTransport(http, RetryPolicy(), nap, lambda: 0.5))
