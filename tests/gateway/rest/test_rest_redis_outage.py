"""Redis goes away before a call is recorded, and after it was sent: nothing fails open, and no answer lies."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from tests.gateway.gateways import RunningGateway, running_gateway
from tests.receiver.servers import OwnServer
from tests.receiver.servers import own_server as own_redis
from vedette.store.server.server_check import open_redis


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[OwnServer]:
    with own_redis(tmp_path) as server:
        yield server


@pytest.fixture
async def gateway(own_server: OwnServer) -> AsyncIterator[RunningGateway]:
    client = open_redis(own_server.url)
    async with running_gateway(own_server.url, client) as running:
        yield running
    await client.aclose()


async def test_with_redis_away_nothing_is_sent(gateway: RunningGateway, own_server: OwnServer) -> None:
    assert (await gateway.call("reader", "GET", gateway.issue_path())).status_code == 200
    gateway.sentry.seen.clear()
    own_server.kill()
    read = await gateway.call("reader", "GET", gateway.issue_path())
    written = await gateway.call("actor", "PUT", gateway.issue_path(), json={"status": "resolved"})

    assert (read.status_code, written.status_code) == (503, 503)
    assert "nothing was sent" in written.json()["detail"]
    assert written.headers["retry-after"] == "5"
    assert gateway.sentry.seen == []


async def test_redis_that_goes_away_before_the_entry_keeps_the_write_back(
    gateway: RunningGateway, own_server: OwnServer
) -> None:
    simulated = gateway.sentry.app

    async def killing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == gateway.issue_path():
            own_server.kill()
        await simulated(scope, receive, send)

    gateway.sentry.instead = killing
    response = await gateway.call("actor", "PUT", gateway.issue_path(), json={"status": "resolved"})

    assert response.status_code == 503
    assert gateway.sentry.writes() == []
    assert gateway.issues["first"].status == "unresolved"


async def test_redis_that_goes_away_after_the_entry_leaves_the_answer_of_sentry(
    gateway: RunningGateway, own_server: OwnServer
) -> None:
    simulated = gateway.sentry.app

    async def killing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "PUT":
            own_server.kill()
        await simulated(scope, receive, send)

    gateway.sentry.instead = killing
    response = await gateway.call("actor", "PUT", gateway.issue_path(), json={"status": "resolved"})

    assert response.status_code == 200
    assert response.json()["status"] == "resolved"
    assert response.headers["x-vedette-audit"] == "1"
    assert gateway.issues["first"].status == "resolved"
