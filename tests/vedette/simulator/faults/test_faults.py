"""Faults on request, over a real socket where the connection itself is at fault."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from vedette.simulator import Fault, UnknownFaultError

if TYPE_CHECKING:
    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import WebhookSender

STATE = "/_simulator/state"


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        ({"kind": "rate_limit"}, 429, "text/html; charset=utf-8"),
        ({"kind": "concurrency_limit"}, 429, "text/html; charset=utf-8"),
        ({"kind": "event_store_limit"}, 429, "application/json"),
        ({"kind": "status", "status": 500}, 500, "application/json"),
        ({"kind": "status", "status": 503}, 503, "application/json"),
        ({"kind": "status", "status": 504}, 504, None),
        ({"kind": "html"}, 502, "text/html; charset=utf-8"),
        ({"kind": "html", "status": 200}, 200, "text/html; charset=utf-8"),
        ({"kind": "expire"}, 401, "application/json"),
        ({"kind": "lag"}, 404, "application/json"),
        ({"kind": "brownout"}, 410, "application/json"),
        ({"kind": "answer", "status": 599, "body": "<<<"}, 599, "text/plain; charset=utf-8"),
        (
            {"kind": "answer", "status": 200, "headers": {"Content-Type": "application/json"}, "body": "["},
            200,
            "application/json",
        ),
    ],
)
async def test_a_fault_answers_once_and_then_the_right_answer_comes(
    small: Small, sender: WebhookSender, fault: dict[str, Any], status: int, content_type: str | None
) -> None:
    from vedette.simulator import create_app  # noqa: PLC0415 - a client that holds nothing against the schema

    transport = httpx2.ASGITransport(create_app(small.world, sender=sender))
    headers = {"Authorization": f"Bearer {small.token.secret}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://sim", headers=headers) as client:
        assert (await client.post("/_simulator/faults", json=fault)).status_code == 201
        answer = await client.get("/api/0/")
        assert answer.status_code == status
        assert answer.headers.get("content-type") == content_type
        assert (await client.get("/api/0/")).json()["version"] == "0"


async def test_a_dropped_connection_brings_no_answer_at_all(api: httpx2.AsyncClient, sender: WebhookSender) -> None:
    sender.faults.add(Fault("drop"))
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending a response"):
        await api.get("/api/0/")
    assert (await api.get("/api/0/")).status_code == 200


async def test_a_cut_answer_brings_half_of_it(api: httpx2.AsyncClient, sender: WebhookSender) -> None:
    sender.faults.add(Fault("cut"))
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message body"):
        await api.get("/api/0/")


async def test_a_slow_answer_is_the_right_one(api: httpx2.AsyncClient, sender: WebhookSender) -> None:
    sender.faults.add(Fault("slow", seconds=0.2))
    started = time.perf_counter()
    assert (await api.get("/api/0/")).json()["version"] == "0"
    assert time.perf_counter() - started >= 0.2


async def test_a_fault_hits_only_the_calls_it_matches(api: httpx2.AsyncClient, sender: WebhookSender) -> None:
    sender.faults.add(Fault("status", times=None, match="^GET /api/0/organizations/"))
    assert (await api.get("/api/0/")).status_code == 200
    for _ in range(3):
        assert (await api.get("/api/0/organizations/acme/")).status_code == 500
    assert (await api.delete("/_simulator/faults")).status_code == 204
    assert (await api.get("/api/0/organizations/acme/")).status_code == 200


@pytest.mark.parametrize("body", [{}, {"kind": "flood"}, {"kind": "slow", "speed": 1}, {"kind": "slow", "match": "("}])
def test_a_fault_that_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(UnknownFaultError):
        Fault.from_json(body)


async def test_a_fault_may_bring_odd_headers(api: httpx2.AsyncClient, sender: WebhookSender) -> None:
    sender.faults.add(Fault("rate_limit", headers={"Retry-After": "inf"}))
    refused = await api.get("/api/0/")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "inf")
    sender.faults.add(Fault("headers", headers={"Link": "<" * 500}))
    right = await api.get("/api/0/")
    assert (right.status_code, right.headers["link"]) == (200, "<" * 500)


async def test_a_hanging_call_is_never_answered(api: httpx2.AsyncClient, sender: WebhookSender) -> None:
    sender.faults.add(Fault("hang", seconds=0.05))
    with pytest.raises(httpx2.RemoteProtocolError):
        await api.get("/api/0/")


async def test_a_bomb_is_small_on_the_wire(api: httpx2.AsyncClient, sender: WebhookSender) -> None:
    sender.faults.add(Fault("bomb", seconds=3))
    async with httpx2.AsyncClient(base_url=api.base_url) as plain, plain.stream("GET", "/api/0/") as answer:
        packed = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert len(packed) < 10_000
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "headers", "headers": "Retry-After: 5"},
        {"kind": "headers", "headers": {"Retry-After": 5}},
        {"kind": "headers", "headers": {"X": "a\r\nY: b"}},
        {"kind": "answer", "body": 5},
        {"kind": "status", "times": "2"},
    ],
)
def test_a_value_of_the_wrong_kind_is_named(fault: dict[str, Any]) -> None:
    with pytest.raises(UnknownFaultError, match="must be"):
        Fault.from_json(fault)
