"""A sweep finds what did not arrive, rebuilds it once, and leaves alone what need not run again."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from tests.vedette.reconcile.outage_world import OutageWorld, outage_world
from tests.vedette.store.deliveries.test_accept import made
from vedette.api import Answer, Call, Lane, Transport
from vedette.reconcile.arrivals import arrived
from vedette.reconcile.pictures import Pictures
from vedette.simulator import ErrorReport, Fault, Faults, notes, record_error, status
from vedette.simulator.world.people import Assignee
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DELIVERIES, delivery_key

if TYPE_CHECKING:
    from vedette.reconcile.report import SweepReport


async def started(world: OutageWorld) -> None:
    """A first sweep, as workers make when they start, and some time after it."""
    await world.sweep()
    world.move(minutes=20)


async def test_what_was_lost_is_rebuilt_and_what_came_is_not(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        first = world.create()
        await world.deliver_sent()
        second = world.create()
        status.assign(world.world, second, world.person, Assignee(world.team))
        world.waiting.clear()
        world.move(minutes=10)
        report = await world.sweep()
        assert {one.name: one.issue for one in report.missing} == {
            "issue.created": str(second.id),
            "issue.assigned": str(second.id),
        }
        assert await world.stored() == world.expected()
        created = report.kinds["issue.created"]
        assert (created.in_sentry, created.arrived, created.missing, created.rebuilt) == (2, 1, 1, 1)
        assert (report.created, report.created_arrived) == (2, 1)
        assert await arrived(client, "default", [str(first.id), str(second.id)]) == {str(first.id)}
        world.move(minutes=10)
        again = await world.sweep()
        assert again.missing == []
        assert again.kinds["issue.created"].arrived == 2


async def test_what_happened_before_the_first_sweep_is_rebuilt_only_when_people_ask_for_it(
    client: RedisClient,
) -> None:
    async with outage_world(client) as world:
        for _ in range(3):
            world.create()
        world.waiting.clear()
        world.move(minutes=30)
        for _ in range(2):
            assert (await world.sweep()).missing == []
            world.move(minutes=10)
        assert await Deliveries(client).latest() == []
        assert len((await world.sweep(since=world.now - timedelta(hours=2))).missing) == 3


async def test_what_came_before_arrivals_were_noted_is_never_rebuilt(client: RedisClient) -> None:
    async with outage_world(client) as world:
        # An older version stored this, and nothing of its arrival.
        old = made()
        await client.hset(delivery_key(old.id), mapping={"facts": msgspec.msgpack.encode(["x"] * 25)})
        await client.zadd(DELIVERIES, {old.id: 1})
        world.create()
        world.waiting.clear()
        world.move(minutes=30)
        assert (await world.sweep(since=world.now - timedelta(hours=2))).missing == []
        world.create()
        world.waiting.clear()
        world.move(minutes=30)
        assert len((await world.sweep(since=world.now - timedelta(hours=2))).missing) == 1


async def test_a_rebuilt_delivery_is_like_its_original(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        issue = world.create()
        (original,) = world.waiting
        world.waiting.clear()
        world.move(minutes=10)
        (found,) = (await world.sweep()).missing
        summary = await Deliveries(client).summary(found.delivery)
        assert (summary.source, summary.rebuilt, summary.happened) == ("reconcile", "recent", original.sent)
        assert (summary.label, summary.issue, summary.subject) == (issue.short_id, str(issue.id), f"issue:{issue.id}")
        await world.deliver(original)
        assert await world.stored() == world.expected()
        assert (await Deliveries(client).summary(found.delivery)).duplicates == 1


async def test_an_original_hours_late_is_known_and_the_next_change_of_its_kind_is_new(client: RedisClient) -> None:
    async with outage_world(client, with_keys=True) as world:
        issue = world.create()
        await world.deliver_sent()
        await started(world)
        status.resolve(world.world, issue, world.person)
        (original,) = world.waiting
        world.waiting.clear()
        world.move(minutes=10)
        assert [one.name for one in (await world.sweep()).missing] == ["issue.resolved"]
        world.move(hours=4)
        original.sent = round(world.now.timestamp()) * 1000
        await world.deliver(original)
        assert await world.stored() == world.expected()
        world.move(minutes=20)
        record_error(world.world, world.project, issue.report)
        world.move(minutes=1)
        status.resolve(world.world, issue, world.person)
        # In the order in which Sentry sent them.
        for one in list(world.waiting):
            await world.deliver(one)
        assert await world.stored() == world.expected()
        assert world.expected()[f"issue.resolved {issue.id}"] == 2


async def test_changes_by_people_are_noticed_on_issues_that_are_long_known(client: RedisClient) -> None:
    async with outage_world(client) as world:
        issues = [world.create() for _ in range(5)]
        await world.deliver_sent()
        await started(world)
        for _ in range(20):
            world.move(hours=1 / 6)
            await world.sweep()
        status.resolve(world.world, issues[1], world.person)
        status.archive(world.world, issues[2], world.person, "archived_until_escalating")
        notes.comment(world.world, issues[3], world.person, "seen it")
        status.set_priority(world.world, issues[4], world.person, "low")
        world.waiting.clear()
        world.move(minutes=10)
        report = await world.sweep()
        assert sorted(one.name for one in report.missing) == ["comment.created", "issue.archived", "issue.resolved"]
        assert report.calls["issues.get"] == 3
        assert await world.stored() == world.expected()


async def test_superseded_changes_are_recorded_and_run_again_only_when_all_are_wanted(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        issue = world.create()
        world.move(minutes=1)
        status.resolve(world.world, issue, world.person)
        world.move(minutes=1)
        record_error(world.world, world.project, issue.report)
        world.waiting.clear()
        world.move(minutes=10)
        planned = await world.sweep(dry_run=True, rebuild_all=True)
        assert [one.rebuilt for one in planned.missing] == ["recent"] * 3
        report = await world.sweep()
        assert {one.name: one.rebuilt for one in report.missing} == {
            "issue.created": "recent",
            "issue.resolved": "superseded",
            "issue.unresolved": "recent",
        }
        assert report.kinds["issue.resolved"].left_out == {"superseded": 1}
        world.move(minutes=10)
        assert (await world.sweep()).missing == []


async def test_an_issue_that_comes_back_twice_between_two_sweeps_is_noticed(client: RedisClient) -> None:
    async with outage_world(client) as world:
        issue = world.create()
        await world.deliver_sent()
        await started(world)
        for lost in (False, True):
            status.resolve(world.world, issue, world.person)
            world.move(minutes=1)
            record_error(world.world, world.project, issue.report)
            if lost:
                world.waiting.clear()
            await world.deliver_sent()
            world.move(minutes=20)
            report = await world.sweep()
        assert [one.name for one in report.missing] == ["issue.resolved", "issue.unresolved"]
        assert await world.stored() == world.expected()


async def test_what_is_too_new_is_left_for_the_next_sweep(client: RedisClient) -> None:
    async with outage_world(client) as world:
        known = world.create()
        await world.deliver_sent()
        await started(world)
        status.resolve(world.world, known, world.person)
        world.create()
        world.waiting.clear()
        world.move(minutes=1)
        assert (await world.sweep()).missing == []
        world.move(minutes=10)
        assert sorted(one.name for one in (await world.sweep()).missing) == ["issue.created", "issue.resolved"]


async def test_what_is_too_old_is_only_recorded(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        world.create()
        world.waiting.clear()
        world.settings = world.settings.model_copy(update={"max_age": 1800.0})
        world.move(hours=1)
        (found,) = (await world.sweep()).missing
        assert found.rebuilt == "late"


async def test_own_changes_are_known_by_the_integration_that_made_them(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        issue = world.create()
        status.resolve(world.world, issue, world.tracker)
        world.waiting.clear()
        world.move(minutes=10)
        world.app = "tracker"
        report = await world.sweep()
        assert {one.name: one.rebuilt for one in report.missing} == {
            "issue.created": "recent",
            "issue.resolved": "own",
        }


async def test_issues_that_are_gone_or_quiet_are_no_longer_read(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        kept, deleted, merged, into = [world.create() for _ in range(4)]
        await world.deliver_sent()
        world.move(minutes=20)
        assert (await world.sweep()).known == 4
        notes.delete_issue(world.world, deleted)
        record_error(world.world, world.project, into.report)
        notes.merge(world.world, [into, merged], world.person)
        world.move(minutes=20)
        await world.sweep()
        pictures = Pictures(client, "default")
        assert set(await pictures.all()) == {str(kept.id), str(into.id)}
        world.settings = world.settings.model_copy(update={"watch": 600.0})
        world.move(minutes=20)
        await world.sweep()
        assert await pictures.all() == {}
        assert (await world.sweep()).known == 0


async def test_sentrys_log_names_issues_that_no_list_shows_and_what_cannot_be_rebuilt(client: RedisClient) -> None:
    async with outage_world(client) as world:
        old = ErrorReport("ValueError", "long ago")
        event = record_error(world.world, world.project, old, world.now - timedelta(days=40))
        assert event is not None
        await started(world)
        status.resolve(world.world, event.issue, world.person)
        world.waiting.clear()
        world.log_failure("issue.resolved", str(event.issue.id), "issue")
        world.log_failure("error.created", "0" * 32, "event")
        world.move(minutes=10)
        assert (await world.sweep(dry_run=True)).missing == []
        world.app = world.integration.slug
        report = await world.sweep()
        assert [one.name for one in report.missing] == ["issue.resolved"]
        assert report.failed == {"error.created": 1}
        assert report.calls["apps.webhook_requests"] == 1


async def test_a_log_that_the_token_may_not_read_stops_no_sweep(client: RedisClient) -> None:
    faults = Faults([Fault("status", times=None, match="webhook-requests", status=403)])
    async with outage_world(client, faults=faults) as world:
        world.app = world.integration.slug
        await started(world)
        world.create()
        world.waiting.clear()
        world.move(minutes=10)
        assert [one.name for one in (await world.sweep()).missing] == ["issue.created"]


async def test_a_sweep_is_bounded_and_the_next_ones_go_on_with_the_oldest_first(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        world.settings = world.settings.model_copy(update={"most": 3})
        for _ in range(8):
            world.create()
            world.move(seconds=5)
        world.waiting.clear()
        world.move(minutes=10)
        watermark = (await world.state()).watermark
        lefts: list[int] = []
        found: list[int] = []
        for _ in range(4):
            report = await world.sweep()
            lefts.append(report.left)
            found += [one.happened for one in report.missing]
            if report.left:
                assert (await world.state()).watermark == watermark
            world.move(minutes=10)
        assert lefts == [5, 2, 0, 0]
        assert found == sorted(found)
        assert await world.stored() == world.expected()
        assert (await world.state()).watermark > watermark
        assert (await world.state()).totals["missing:issue.created"] == 8


async def test_a_dry_run_changes_nothing(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        world.create()
        world.waiting.clear()
        world.move(minutes=10)
        before = await world.state()
        report = await world.sweep(dry_run=True)
        assert [(one.name, one.delivery) for one in report.missing] == [("issue.created", "")]
        assert await world.state() == before
        assert await Deliveries(client).latest() == []
        assert len((await world.sweep()).missing) == 1


async def test_a_part_is_rebuilt_without_moving_the_watermark(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        issue = world.create()
        notes.comment(world.world, issue, world.person, "seen it")
        world.waiting.clear()
        world.move(minutes=10)
        watermark = (await world.state()).watermark
        part = await world.sweep(names=("comment.created",))
        assert [one.name for one in part.missing] == ["comment.created"]
        assert (await world.sweep(projects=("shop",), names=("issue.archived",))).missing == []
        assert (await world.state()).watermark == watermark
        assert [one.name for one in (await world.sweep()).missing] == ["issue.created"]


@pytest.mark.parametrize("known", [500])
async def test_an_idle_sweep_with_500_known_issues_takes_ten_calls_at_most(client: RedisClient, known: int) -> None:
    async with outage_world(client) as world:
        await started(world)
        for _ in range(known):
            world.create()
        await world.deliver_sent()
        world.move(minutes=30)
        await world.sweep()
        world.move(minutes=30)
        report = await world.sweep()
        assert report.known == known
        assert report.missing == []
        # One for new issues, two for those that came back, five for known ones; one more for the log of failures.
        assert report.calls == {"issues.search": 8}


async def test_of_many_known_issues_a_sweep_reads_a_part_in_turn(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        for _ in range(2300):
            world.create()
        await world.deliver_sent()
        world.move(minutes=30)
        await world.sweep()
        world.move(minutes=30)
        status.resolve(world.world, world.issues[0], world.person)
        status.resolve(world.world, world.issues[-1], world.person)
        world.waiting.clear()
        world.move(minutes=10)
        reports: list[SweepReport] = []
        for _ in range(2):
            reports.append(await world.sweep())
            world.move(minutes=10)
        assert max(one.calls["issues.search"] for one in reports) <= 3 + 20
        assert sorted(one.name for report in reports for one in report.missing) == ["issue.resolved"] * 2


class LaneRecorder:
    """Notes the priority of each call."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.lanes: Counter[Lane] = Counter()

    async def send(self, call: Call) -> Answer:
        self.lanes[call.lane] += 1
        return await self.inner.send(call)


async def test_all_calls_have_the_lowest_priority(client: RedisClient) -> None:
    async with outage_world(client) as world:
        await started(world)
        notes.comment(world.world, world.create(), world.person, "seen it")
        world.waiting.clear()
        world.app = world.integration.slug
        world.move(minutes=10)
        recorder = LaneRecorder(world.sentry.transport)
        world.sentry = world.sentry.view(transport=recorder)
        report = await world.sweep()
        assert set(report.calls) == {"issues.search", "issues.get", "apps.webhook_requests"}
        assert recorder.lanes == {Lane.BACKFILL: report.number_of_calls}
