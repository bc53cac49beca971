"""Sentry's circuit breaker, with its numbers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from vedette.simulator import ErrorReport, Fault, WebhookSender, record_error
from vedette.simulator.webhooks import circuit_breaker
from vedette.simulator.webhooks.circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    from tests.vedette.simulator.conftest import Hook, Small

START = datetime(2026, 8, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hung", "answered", "minutes", "opens"),
    [
        (499, 0, 9, False),
        (500, 0, 9, True),
        (500, 500, 9, True),
        (500, 501, 9, False),
        (500, 0, 11, False),
    ],
)
def test_it_opens_after_500_timeouts_that_are_half_of_ten_minutes(
    hung: int, answered: int, minutes: int, opens: bool
) -> None:
    breaker, step = CircuitBreaker(), timedelta(minutes=minutes) / (hung + answered)
    for number in range(hung + answered):
        breaker.record(START + number * step, hard_timeout=number >= answered)
    end = START + (hung + answered - 1) * step
    assert breaker.is_open(end) is opens
    assert not breaker.is_open(end + timedelta(minutes=5))


def test_it_counts_anew_after_it_was_open() -> None:
    breaker = CircuitBreaker()
    for _ in range(500):
        breaker.record(START, hard_timeout=True)
    later = START + timedelta(minutes=5)
    breaker.record(later, hard_timeout=True)
    assert not breaker.is_open(later)


async def test_hanging_requests_open_it_and_nothing_is_logged(
    small: Small, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit_breaker, "ERRORS", 5)
    small.integration.events = ("issue",)
    hook.delay = 0.5
    async with WebhookSender(small.world, hard_timeout=0.1) as sender:
        await _report(small, sender, 5)
        assert len(hook.received) == 5
        assert sender.breaker_of("vedette").is_open(small.world.clock())
        await _report(small, sender, 3)
        assert len(hook.received) == 5
        assert sender.log_of("vedette").read(small.world.clock()) == []


async def test_the_fault_opens_it_for_a_time(small: Small, hook: Hook) -> None:
    small.integration.events = ("issue",)
    async with WebhookSender(small.world) as sender:
        sender.faults.add(Fault("breaker", seconds=0.3))
        await _report(small, sender, 2)
        assert hook.received == []
        await asyncio.sleep(0.35)
        await _report(small, sender, 1)
        assert len(hook.received) == 1
        assert len(sender.log_of("vedette").read(small.world.clock())) == 1


async def test_without_seconds_the_fault_lasts_as_long_as_in_sentry(small: Small, hook: Hook) -> None:
    moment = [START]
    small.world.clock = lambda: moment[0]
    small.integration.events = ("issue",)
    async with WebhookSender(small.world) as sender:
        sender.faults.add(Fault("breaker"))
        for seconds, received in ((0, 0), (299, 0), (300, 1)):
            moment[0] = START + timedelta(seconds=seconds)
            await _report(small, sender, 1)
            assert len(hook.received) == received


async def _report(small: Small, sender: WebhookSender, times: int) -> None:
    for _ in range(times):
        record_error(small.world, small.project, ErrorReport("E", "x", fingerprint=small.world.hex_id()))
    await sender.idle()
