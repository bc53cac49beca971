"""Metrics and health on a port of their own."""

import asyncio
import socket

import httpx2
import pytest

from receiver.observability.monitoring_server import MetricsPortError
from tests.ports import free_port
from tests.receiver.running import MakeSettings, running
from tests.receiver.sentry import SECRET, hook_headers, issue_body

LEGACY_PATH = "a-path-that-a-person-made"


async def test_with_a_port_of_its_own_the_public_one_shows_neither_metrics_nor_readiness(
    make_settings: MakeSettings,
) -> None:
    port = free_port()
    async with running(make_settings(metrics_port=port)) as receiver:
        assert (await receiver.hook(issue_body())).status_code == 202
        for path in ("/metrics", "/metrics/", "/health/ready", "/health/ready/"):
            assert (await receiver.client.get(path)).status_code == 404
        assert (await receiver.client.get("/health/live")).status_code == 200
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as monitor:
            assert (await monitor.get("/health/ready")).json()["status"] == "ready"
            assert 'vedette_deliveries_accepted_total{integration="default"' in (await monitor.get("/metrics")).text
            body = issue_body()
            assert (await monitor.post("/hooks", content=body, headers=hook_headers(body))).status_code == 404


async def test_they_can_be_switched_off(make_settings: MakeSettings) -> None:
    async with running(make_settings(metrics_port=0)) as receiver:
        assert (await receiver.client.get("/metrics")).status_code == 404
        assert (await receiver.client.get("/health/ready")).status_code == 404


async def test_a_port_that_is_taken_ends_the_start_with_a_sentence(make_settings: MakeSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MetricsPortError, match=rf"cannot listen on 127\.0\.0\.1, port {port}"):
            async with running(make_settings(metrics_port=port)):
                await asyncio.sleep(0)


async def test_no_figure_is_made_of_a_secret(make_settings: MakeSettings) -> None:
    integration = {"client_secret": ("another-secret-of-the-tests", SECRET), "legacy_path": LEGACY_PATH}
    async with running(make_settings(integration=integration)) as receiver:
        assert (await receiver.hook(issue_body())).status_code == 202
        assert (await receiver.client.post(f"/legacy/default/{LEGACY_PATH}", content=b"{}")).status_code == 202
        matched = {name for name in await receiver.figures() if name.startswith("vedette_secret_matched_total")}
    assert matched == {
        f'vedette_secret_matched_total{{integration="default",secret="{name}"}}' for name in ("2", "path")
    }
