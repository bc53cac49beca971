"""Reads facts from events: the answers of each kind of webhook, on demand."""

from datetime import datetime
from functools import partial

from vedette.events import (
    ApiEvent,
    Event,
    Issue,
    IssueEvent,
    MetricAlertEvent,
    PreprodArtifactEvent,
    ServiceHookEvent,
    StoredEvent,
)
from vedette.events.kinds.issue import AboutIssue
from vedette.events.payload.stored_event import AboutStoredEvent
from vedette.search.facts.answers import NOT_KNOWN, Answer, answer_of, whole_number
from vedette.search.facts.event import event_answer
from vedette.search.facts.event_content import EventContent, content_of_api, content_of_stored
from vedette.search.facts.facts import Facts, Lookup
from vedette.search.facts.issue import assignee_answer, issue_answer


def facts_of(event: Event, *, now: datetime | None = None) -> Facts:
    """Return the facts of an event's payload.

    Args:
        event: any event; kinds that Vedette does not know answer nothing.
        now: the moment that relative times count from; the clock's when None.
    """
    return Facts(_lookup_of(event), now=now)


def facts_of_issue(issue: Issue, *, now: datetime | None = None) -> Facts:
    """Return the facts of an issue, to complete others: `facts_of(event).with_more(facts_of_issue(issue))`."""
    return Facts(partial(issue_answer, issue), now=now)


def facts_of_stored_event(event: StoredEvent | ApiEvent, *, now: datetime | None = None) -> Facts:
    """Return the facts of an event of an issue, in the form of webhooks or of Sentry's API."""
    content = content_of_api(event) if isinstance(event, ApiEvent) else content_of_stored(event)
    return Facts(partial(event_answer, content), now=now)


def _lookup_of(event: Event) -> Lookup:
    match event:
        case ServiceHookEvent():
            return partial(_service_hook_answer, event, content_of_api(event.event))
        case AboutIssue():
            return partial(_about_issue_answer, event)
        case AboutStoredEvent():
            return partial(_stored_event_answer, event, content_of_stored(event.stored_event))
        case MetricAlertEvent():
            return partial(_metric_alert_answer, event)
        case PreprodArtifactEvent():
            return partial(_build_answer, event)
        case _:
            return partial(_common_answer, event)


def _common_answer(event: Event, key: str) -> Answer:
    """Answer the keys that events of every kind have in common; others are unknown."""
    match key:
        case "issue.id":
            value: object = whole_number(event.issue_id)
        case "issue":
            value = event.short_id
        case "project":
            value = event.project.slug
        case "project.id":
            value = whole_number(event.project.id)
        case "title":
            value = event.title
        case _:
            value = None
    return answer_of(value) if value else NOT_KNOWN


def _about_issue_answer(event: AboutIssue, key: str) -> Answer:
    # The issue may have been serialised before the assignment took effect.
    if key == "assigned" and isinstance(event, IssueEvent) and event.assignee and not event.issue.assigned_to:
        return assignee_answer(event.assignee)
    return issue_answer(event.issue, key)


def _service_hook_answer(event: ServiceHookEvent, content: EventContent, key: str) -> Answer:
    if key in {"project", "project.id"}:
        return _common_answer(event, key)
    return issue_answer(event.issue, key).merged(event_answer(content, key))


def _stored_event_answer(event: AboutStoredEvent, content: EventContent, key: str) -> Answer:
    if key in {"project", "project.id", "issue.id"}:
        return _common_answer(event, key)
    if key in {"title", "level"}:
        return answer_of(getattr(event, key))
    return event_answer(content, key)


def _metric_alert_answer(event: MetricAlertEvent, key: str) -> Answer:
    match key:
        case "project":
            return answer_of(event.project_slugs) if event.project_slugs else NOT_KNOWN
        case "environment":
            return answer_of(event.environment)
        case "title" | "message":
            return answer_of(event.title)
        case _:
            return _common_answer(event, key)


def _build_answer(event: PreprodArtifactEvent, key: str) -> Answer:
    build, app, git = event.data, event.data.app_info, event.data.git_info
    answers: dict[str, object] = {
        "install_size": build.install_size,
        "download_size": build.download_size,
        "app_id": app.app_id if app else None,
        "build_version": app.version if app else None,
        "build_number": app.build_number if app else None,
        "git_head_ref": git.head_ref if git else None,
        "git_base_ref": git.base_ref if git else None,
        "git_head_sha": git.head_sha if git else None,
        "git_pr_number": git.pr_number if git else None,
    }
    return answer_of(answers[key]) if key in answers else _common_answer(event, key)
