"""Rate limits: windows, concurrency, the owner of an allowance, and the headers' spellings."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx2
import pytest

from vedette.simulator import Fault, Faults, RateLimits, create_app
from vedette.simulator.world import builders

if TYPE_CHECKING:
    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import Issue
    from vedette.simulator.web.rate_limits import Manner

PREFIX = "X-Sentry-Rate-Limit-"


def client_of(
    small: Small, limits: RateLimits, latency: float = 0.0, faults: Faults | None = None
) -> httpx2.AsyncClient:
    small.world.clock = lambda: datetime(2026, 10, 4, 6, 0, 0, 500000, tzinfo=UTC)
    app = create_app(small.world, limits=limits, latency=latency, faults=faults)
    headers = {"Authorization": f"Bearer {small.token.secret}"}
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://sim", headers=headers)


async def test_beyond_the_window_it_answers_429_as_html_with_json_inside(small: Small) -> None:
    async with client_of(small, RateLimits(requests=3)) as client:
        answers = [await client.get("/api/0/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    last = answers[-1]
    assert last.headers["content-type"].startswith("text/html")
    assert last.json()["detail"].endswith("Limit is 3 requests in 1 seconds")
    assert "retry-after" not in last.headers
    assert [answer.headers[f"{PREFIX}Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert last.headers[f"{PREFIX}Reset"] == str(int(small.world.clock().timestamp()) + 1)


async def test_the_next_window_is_open_again(small: Small) -> None:
    async with client_of(small, RateLimits(requests=1)) as client:
        assert (await client.get("/api/0/")).status_code == 200
        assert (await client.get("/api/0/")).status_code == 429
        small.world.clock = lambda: datetime(2026, 10, 4, 6, 0, 1, tzinfo=UTC)
        assert (await client.get("/api/0/")).status_code == 200


async def test_more_calls_in_flight_than_the_cap_are_refused(small: Small) -> None:
    async with client_of(small, RateLimits(requests=100, concurrent=4), latency=0.05) as client:
        answers = await asyncio.gather(*(client.get("/api/0/") for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200] * 4 + [429] * 2
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.json()["detail"].endswith("Concurrency limit is 4")
        assert (await client.get("/api/0/")).status_code == 200


async def test_all_integrations_of_the_organization_share_one_allowance(small: Small) -> None:
    other = builders.add_token(
        small.world, "internal", ["org:read"], integration=builders.add_integration(small.world, "Other")
    )
    async with client_of(small, RateLimits(requests=1)) as client:
        await client.get("/api/0/")
        for token, wanted in ((other, 429), (small.user_token, 200)):
            answer = await client.get("/api/0/", headers={"Authorization": f"Bearer {token.secret}"})
            assert answer.status_code == wanted


async def test_methods_and_endpoints_with_their_own_limit_are_counted_apart(small: Small, issue: Issue) -> None:
    url = f"/api/0/organizations/acme/issues/{issue.id}/"
    async with client_of(small, RateLimits(requests=7)) as client:
        reads = [(await client.get(url)).status_code for _ in range(6)]
        assert reads == [200] * 5 + [429]
        assert (await client.put(url, json={})).status_code == 200
        assert (await client.get("/api/0/")).headers[f"{PREFIX}Remaining"] == "6"
    async with client_of(small, RateLimits(requests=7, per_endpoint=False)) as client:
        assert [(await client.get(url)).status_code for _ in range(6)] == [200] * 6


@pytest.mark.parametrize(("manner", "cap"), [("sentry.io", "25"), ("no-cap", "None")])
async def test_the_cap_is_a_number_or_the_text_none(small: Small, manner: Manner, cap: str) -> None:
    async with client_of(small, RateLimits(manner=manner)) as client:
        headers = (await client.get("/api/0/")).headers
    assert headers[f"{PREFIX}ConcurrentLimit"] == cap
    assert headers[f"{PREFIX}Limit"] == "40"


async def test_self_hosted_neither_limits_nor_says_so(small: Small) -> None:
    async with client_of(small, RateLimits(manner="self-hosted", requests=1)) as client:
        answers = [await client.get("/api/0/") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert not [name for name in answers[0].headers if name.startswith("x-sentry")]


async def test_a_401_carries_the_headers_too(small: Small) -> None:
    async with client_of(small, RateLimits()) as client:
        answer = await client.get("/api/0/", headers={"Authorization": "Bearer nonsense"})
    assert (answer.status_code, answer.headers[f"{PREFIX}Limit"]) == (401, "40")


async def test_a_storm_of_429s_ends_when_it_is_used_up(small: Small) -> None:
    faults = Faults([Fault("rate_limit", times=2, seconds=3)])
    async with client_of(small, RateLimits(), faults=faults) as client:
        answers = [await client.get("/api/0/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert int(answers[0].headers[f"{PREFIX}Reset"]) == int(small.world.clock().timestamp() + 3)
