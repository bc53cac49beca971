"""Incidents: events, regressions, escalations and alerts of issues."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.webhook_event import webhook_event
from vedette.simulator.world import transitions
from vedette.simulator.world.actors import SENTRY
from vedette.simulator.world.issues import ErrorReport, Event, Issue
from vedette.simulator.world.short_ids import short_id

if TYPE_CHECKING:
    from datetime import datetime

    from vedette.simulator.world.issues import Snooze
    from vedette.simulator.world.projects import Project
    from vedette.simulator.world.world import World

KEPT_EVENTS = 200
"""Events kept per issue; the count has no limit."""
ESCALATES_AFTER = 25
"""Events after which an issue archived "until it escalates" does so. Sentry forecasts; here a number is enough."""

_PRIORITIES = {"fatal": "high", "error": "high", "warning": "medium", "info": "low", "debug": "low", "sample": "low"}


def record_error(world: World, project: Project, report: ErrorReport, when: datetime | None = None) -> Event | None:
    """Store one error as from an SDK: a new issue, or one more event of a known one, with all its webhooks.

    Args:
        world: the world.
        project: the project of the SDK's key.
        report: the error that it sent.
        when: the moment of the error; now, when left out.

    Returns:
        The stored event, or None when issues like this were discarded.
    """
    world.revision += 1
    key = (project.id, report.grouping)
    if key in world.discarded:
        return None
    when = when or world.clock()
    issue = world.issue_by_grouping.get(key)
    is_new = issue is None
    if issue is None:
        issue = _new_issue(world, project, report, when)
        world.issue_by_grouping[key] = issue
    event = _add_event(world, issue, report, when)
    if report.event_type == "error":
        # Every event of type `error` is sent as a webhook; messages and others never are.
        world.emit("error", "created", lambda: {"error": webhook_event(world, event, created=True)}, SENTRY, event.id)
    if is_new:
        transitions.emit_issue_webhook(world, issue, "created", SENTRY)
    else:
        _reopen(world, issue, event)
    return event


def _new_issue(world: World, project: Project, report: ErrorReport, when: datetime) -> Issue:
    project.issue_counter += 1
    issue = Issue(
        id=world.next_id("issue"),
        short_id=short_id(project.slug, project.issue_counter),
        project=project,
        report=report,
        first_seen=when,
        last_seen=when,
        level=report.level,
        priority=report.priority or _PRIORITIES.get(report.level, "medium"),
        first_release=report.release,
        groupings={report.grouping},
    )
    world.issues[issue.id] = issue
    world.issue_by_short_id[issue.short_id] = issue
    project.first_event = project.first_event or when
    release = world.releases.get(report.release or "")
    if release:
        release.new_groups += 1
    transitions.note_activity(world, issue, "first_seen", SENTRY, {"priority": issue.priority})
    return issue


def _add_event(world: World, issue: Issue, report: ErrorReport, when: datetime) -> Event:
    event = Event(world.hex_id(), issue, report, when, report.user, report.release)
    world.events[event.id] = event
    issue.events.append(event)
    if len(issue.events) > KEPT_EVENTS:
        world.events.pop(issue.events.pop(0).id, None)
    issue.count += 1
    issue.last_seen = max(issue.last_seen, when)
    issue.level, issue.last_release = report.level, report.release or issue.last_release
    if report.user:
        issue.users.add(report.user)
    if report.environment:
        issue.project.environments.add(report.environment)
    release = world.releases.get(report.release or "")
    if release:
        release.last_event = when
    return event


def _reopen(world: World, issue: Issue, event: Event) -> None:
    """Reopen a resolved or archived issue on an event, by Sentry's rules."""
    if issue.status == "resolved" and _regresses(world, issue, event):
        issue.in_inbox, issue.inbox_since = True, world.clock()
        transitions.unresolve(world, issue, SENTRY, "regressed")
    elif issue.status == "ignored" and _leaves_archive(issue, event):
        escalate(world, issue)


def escalate(world: World, issue: Issue) -> bool:
    """Bring an archived issue back as escalating: `issue.unresolved`, by Sentry itself."""
    if issue.status != "ignored":
        return False
    issue.in_inbox, issue.inbox_since = True, world.clock()
    return transitions.unresolve(world, issue, SENTRY, "escalating")


def _regresses(world: World, issue: Issue, event: Event) -> bool:
    """Return whether the event is newer than the resolution: not of its release or an older one."""
    resolution = issue.resolution
    if resolution is None or resolution.type == "now":
        return True
    release = world.releases.get(event.release or "")
    if release is None:
        return False
    if resolution.release is not None:
        return release.created > resolution.release.created
    return resolution.when is not None and release.created > resolution.when


def _leaves_archive(issue: Issue, event: Event) -> bool:
    if issue.substatus == "archived_until_escalating":
        return issue.count - issue.archived_count >= ESCALATES_AFTER
    snooze = issue.snooze
    if snooze is None or issue.substatus == "archived_forever":
        return False
    new_users = len(issue.users) - snooze.users_then
    return (
        (snooze.until is not None and event.when >= snooze.until)
        or bool(snooze.user_count and new_users >= snooze.user_count)
        or bool(snooze.count and _events_counted(issue, event, snooze) >= snooze.count)
    )


def _events_counted(issue: Issue, event: Event, snooze: Snooze) -> int:
    if not snooze.window:
        return issue.count - snooze.count_then
    since = event.when - timedelta(minutes=snooze.window)
    return sum(1 for kept in issue.events if kept.when >= since)


def trigger_alert(world: World, event: Event, rule: str) -> None:
    """Send the webhook of an issue alert that chose the integration: it names the rule by its title only."""
    for workflow in world.workflows.values():
        if workflow["name"] == rule:
            workflow["lastTriggered"] = zulu(world.clock())
            world.firings.setdefault(int(workflow["id"]), []).append((world.clock(), event))
    world.emit(
        "event_alert",
        "triggered",
        lambda: {"event": webhook_event(world, event), "triggered_rule": rule},
        SENTRY,
        event.id,
    )
