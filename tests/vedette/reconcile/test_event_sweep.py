"""Errors and firings of alerts that did not arrive are rebuilt once, where settings and handlers ask for them."""

import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from tests.vedette.reconcile.outage_world import Fate, OutageWorld, outage_world
from vedette.history.event_payload import ALERT_TRIGGERED, ERROR_CREATED
from vedette.reconcile import event_polls
from vedette.simulator import ErrorReport, Fault, record_error, trigger_alert
from vedette.simulator.serializers.dates import zulu
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.server.client import RedisClient

RULE = "Everything in the shop"


@asynccontextmanager
async def event_world(client: RedisClient, *, with_keys: bool = False, **options: Any) -> AsyncGenerator[OutageWorld]:
    """A world whose integration hears errors and alerts alone, twenty minutes after its first sweep."""
    async with outage_world(client, with_keys=with_keys, **options) as world:
        world.heard = frozenset({"error", "event_alert"})
        world.wanted = frozenset({ERROR_CREATED, ALERT_TRIGGERED})
        world.settings = world.settings.model_copy(update={"errors": True})
        await world.sweep()
        world.move(minutes=20)
        yield world


def fire(world: OutageWorld, rule: str = RULE, *, number: int = 0) -> None:
    """Let an alert fire for one of a few issues, which takes an event."""
    event = record_error(world.world, world.project, ErrorReport("ValueError", f"no. {number}", function=f"f{number}"))
    assert event is not None
    trigger_alert(world.world, event, rule)


def add_rule(world: OutageWorld, name: str = RULE, **action: Any) -> dict[str, Any]:
    """Make an alert with an action, by default one that notifies the integration."""
    own = {"type": "sentry_app", "config": {"targetIdentifier": world.integration.installation}, "data": {}}
    number, now = world.world.next_id("workflow"), zulu(world.now)
    rule: dict[str, Any] = {
        "id": str(number),
        "name": name,
        "enabled": True,
        "actionFilters": [{"actions": [own | action]}],
        "dateCreated": now,
        "dateUpdated": now,
        "lastTriggered": None,
    }
    world.world.workflows[number] = rule
    return rule


@pytest.mark.parametrize("with_keys", [False, True], ids=["without keys", "with keys"])
async def test_lost_errors_are_rebuilt_and_their_late_originals_are_duplicates(
    client: RedisClient, with_keys: bool
) -> None:
    def fate(chance: Any) -> Fate:
        return "lost" if chance.random() < 0.5 else "sent"

    async with event_world(client, with_keys=with_keys, fate=fate) as world:
        for number in range(30):
            record_error(world.world, world.project, ErrorReport("ValueError", f"no. {number % 5}"))
            world.move(seconds=10)
        await world.deliver_sent()
        world.move(minutes=10)
        report = await world.sweep()
        assert world.lost
        figures = report.kinds[ERROR_CREATED]
        assert (figures.in_sentry, figures.missing, figures.rebuilt) == (30, len(world.lost), len(world.lost))
        assert report.calls["events.stored"] == len(world.lost)
        assert await world.stored() == world.expected()
        await world.deliver_lost_late()
        assert await world.stored() == world.expected()
        world.move(minutes=10)
        assert (await world.sweep()).missing == []


async def test_a_rebuilt_error_is_its_original_byte_for_byte_in_meaning(client: RedisClient) -> None:
    async with event_world(client) as world:
        report = ErrorReport("ValueError", "ünïcode", environment="live", user="7", tags=(("browser", "Chrome"),))
        record_error(world.world, world.project, report)
        (original,) = world.waiting
        world.waiting.clear()
        world.move(minutes=10)
        (found,) = (await world.sweep()).missing
        delivery = await Deliveries(client).get(found.delivery)
        assert json.loads(delivery.body) == json.loads(original.body)
        summary = delivery.summary
        assert (summary.source, summary.rebuilt, summary.resource) == ("reconcile", "recent", "error")
        assert summary.issue == original.issue


async def test_errors_are_left_alone_unless_settings_and_a_handler_ask_for_them(client: RedisClient) -> None:
    async with event_world(client) as world:
        record_error(world.world, world.project, ErrorReport("ValueError", "lost"))
        world.waiting.clear()
        world.move(minutes=10)
        whole = world.settings, world.wanted
        for settings, wanted in (
            (world.settings.model_copy(update={"errors": False}), world.wanted),
            (world.settings, frozenset({ALERT_TRIGGERED})),
        ):
            world.settings, world.wanted = settings, wanted
            report = await world.sweep(dry_run=True)
            assert ERROR_CREATED not in report.kinds
            assert "events.search" not in report.calls
        # People who name the event get it in any case.
        world.settings, world.wanted = settings, frozenset[str]()
        planned = await world.sweep(dry_run=True, names=(ERROR_CREATED,))
        assert [(one.name, one.delivery) for one in planned.missing] == [(ERROR_CREATED, "")]
        world.settings, world.wanted = whole
        assert [one.name for one in (await world.sweep()).missing] == [ERROR_CREATED]


async def test_many_errors_are_compared_in_turns_and_none_is_left_out(
    client: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_polls.EventPolls.errors_between, "__defaults__", (20,))
    async with event_world(client) as world:
        world.settings = world.settings.model_copy(update={"most": 7})
        for number in range(50):
            record_error(world.world, world.project, ErrorReport("ValueError", f"no. {number % 3}"))
            world.move(seconds=5)
        world.waiting.clear()
        world.move(minutes=10)
        for _ in range(12):
            report = await world.sweep()
            assert len(report.missing) <= 7
            world.move(minutes=10)
        assert await world.stored() == world.expected()


async def test_an_event_that_is_gone_is_told_and_stops_nothing(client: RedisClient) -> None:
    async with event_world(client) as world:
        for number in range(2):
            record_error(world.world, world.project, ErrorReport("ValueError", f"no. {number}"))
        lost = json.loads(world.waiting[0].body)["data"]["error"]["event_id"]
        world.waiting.clear()
        faults = Fault("status", times=None, match=f"events/{lost}/json", status=404)
        world.faults.add(faults)
        world.move(minutes=10)
        report = await world.sweep()
        assert len(report.missing) == 1
        assert report.kinds[ERROR_CREATED].left_out == {"unreadable": 1}


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_list_that_cannot_be_read_is_told_and_stops_no_sweep(client: RedisClient, status: int) -> None:
    async with event_world(client) as world:
        world.faults.add(Fault("status", times=None, match="/workflows/", status=status))
        record_error(world.world, world.project, ErrorReport("ValueError", "lost"))
        world.waiting.clear()
        world.move(hours=2)
        report = await world.sweep()
        assert [one.name for one in report.missing] == [ERROR_CREATED]
        assert set(report.skipped) == {ALERT_TRIGGERED}
        assert (await world.state()).watermark == world.now


async def test_an_event_that_cannot_be_read_now_is_tried_again_by_the_next_sweep(client: RedisClient) -> None:
    async with event_world(client) as world:
        for number in range(3):
            record_error(world.world, world.project, ErrorReport("ValueError", f"no. {number}"))
        world.waiting.clear()
        # Refused for good as far as one sweep can tell.
        world.faults.add(Fault("status", times=1, match="/json/", status=400))
        world.move(minutes=10)
        first = await world.sweep()
        assert ERROR_CREATED in first.skipped
        assert (await world.state()).watermark == world.now
        world.move(minutes=10)
        second = await world.sweep()
        assert second.skipped == {}
        assert len(first.missing) + len(second.missing) == 3
        assert await world.stored() == world.expected()


async def test_nothing_is_compared_before_a_delivery_has_named_the_installation(client: RedisClient) -> None:
    async with event_world(client) as world:
        record_error(world.world, world.project, ErrorReport("ValueError", "lost"))
        world.waiting.clear()
        world.move(minutes=10)
        world.integration.installation = ""
        report = await world.sweep()
        assert report.missing == []
        assert "named the integration's installation" in report.skipped[ERROR_CREATED]


async def test_the_last_lost_firing_of_each_alert_on_each_issue_is_rebuilt(client: RedisClient) -> None:
    async with event_world(client) as world:
        world.heard, world.wanted = frozenset({"event_alert"}), frozenset({ALERT_TRIGGERED})
        add_rule(world)
        world.move(minutes=1)
        for number in (0, 1, 1):
            fire(world, number=number)
            world.move(minutes=1)
        # Of the two on the second issue, Sentry shows the last alone.
        missed = Counter(dict.fromkeys((world.waiting[0].occurrence, world.waiting[2].occurrence), 1))
        original = world.waiting[2]
        world.waiting.clear()
        world.move(hours=2)
        report = await world.sweep()
        assert await world.stored() == missed
        assert report.kinds[ALERT_TRIGGERED].rebuilt == 2
        bodies = [json.loads((await Deliveries(client).get(one.delivery)).body) for one in report.missing]
        assert json.loads(original.body) in bodies
        await world.deliver(original)
        assert await world.stored() == missed
        # Workers look once an hour.
        world.move(minutes=10)
        assert "alerts.workflows" not in (await world.sweep()).calls
        world.move(hours=1)
        again = await world.sweep()
        assert again.calls["alerts.workflows"] == 1
        assert again.missing == []


async def test_firings_of_alerts_that_say_nothing_to_the_integration_are_left_alone(client: RedisClient) -> None:
    async with event_world(client) as world:
        world.heard, world.wanted = frozenset({"event_alert"}), frozenset({ALERT_TRIGGERED})
        world.app = world.integration.slug
        mail = {"type": "email", "config": {"targetIdentifier": "7"}}
        other = {"config": {"targetIdentifier": "00000000-0000-0000-0000-000000000000"}}
        # Its webhook is recognised by the id of its rule, which no list shows.
        settings = {"data": {"settings": [{"name": "channel", "value": "ops"}]}}
        for name, action in (("mail", mail), ("other", other), ("settings", settings)):
            add_rule(world, name, **action)
        renamed = add_rule(world, "before")
        by_slug = {"type": "webhook", "config": {"targetIdentifier": world.integration.slug}}
        add_rule(world, "by slug", **by_slug)
        world.move(minutes=1)
        for name in ("mail", "other", "settings", "before", "by slug"):
            fire(world, name)
        world.move(minutes=1)
        renamed |= {"name": "after", "dateUpdated": zulu(world.now)}
        world.waiting.clear()
        world.move(hours=2)
        report = await world.sweep()
        bodies = [json.loads((await Deliveries(client).get(one.delivery)).body) for one in report.missing]
        assert [body["data"]["triggered_rule"] for body in bodies] == ["by slug"]


async def test_what_is_no_longer_recognised_is_not_compared(client: RedisClient) -> None:
    async with event_world(client) as world:
        record_error(world.world, world.project, ErrorReport("ValueError", "old"))
        world.move(hours=25)
        record_error(world.world, world.project, ErrorReport("ValueError", "new"))
        world.waiting.clear()
        world.move(minutes=10)
        report = await world.sweep(since=world.now - timedelta(days=2), names=(ERROR_CREATED,))
        assert [one.title for one in report.missing] == ["ValueError: new"]
