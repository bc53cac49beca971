"""Asks Sentry for the evidence of one integration: a handful of calls, none of which changes anything."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from vedette._core.json_values import json_list, json_object
from vedette.api import Sentry
from vedette.api.errors import Forbidden, SentryError
from vedette.api.models import App, Issue, Workflow
from vedette.api.scopes import expand
from vedette.checks.evidence import (
    AlertEvidence,
    AppEvidence,
    BirthEvidence,
    BornIssue,
    LogEvidence,
    LoggedDelivery,
    OrganizationEvidence,
    TokenEvidence,
    Unasked,
)

LOG_REACH = 1800.0
"""Seconds of the delivery log that are read."""
MOST_BORN = 100
"""Issues that are compared at a time: one page."""
_Part = TypeVar("_Part")

Arrived = Callable[[Sequence[str]], Awaitable[Collection[str]]]
"""Returns those of some issue ids of which `issue.created` arrived."""


def unasked_of(error: SentryError) -> Unasked:
    """Return why a question was not answered, without the advice for authors of handlers."""
    said = f": {error.detail.text.rstrip('.')}" if error.detail.text else ""
    scope = (error.scope_to_add or "") if isinstance(error, Forbidden) else ""
    return Unasked(error.status, f"{error.happened} to {error.method} {error.path}{said}", scope)


@dataclass(frozen=True, slots=True)
class SentryQuestions:
    """The questions to Sentry about one integration; none of them raises a `SentryError`."""

    sentry: Sentry

    async def token(self, kind: str) -> TokenEvidence:
        """Ask for the scopes of the token, of which the kind is known."""

        async def ask() -> TokenEvidence:
            identity = await self.sentry.auth.whoami()
            return TokenEvidence(kind, expand(identity.scopes) if identity.scopes else None)

        return await _answered(ask(), lambda problem: TokenEvidence(kind, problem=problem))

    async def app(self, slug: str | None, public_url: str | None) -> AppEvidence:
        """Ask for the integration, which is found by its slug, by its webhook URL, or by being the only one."""

        async def ask() -> AppEvidence:
            apps = await self.sentry.apps.list()
            return AppEvidence(_ours(apps, slug, public_url), tuple(app.slug for app in apps), slug or "")

        return await _answered(ask(), lambda problem: AppEvidence(problem=problem))

    async def log(self, slug: str, now: float) -> LogEvidence:
        """Ask for the newest lines of the delivery log."""

        async def ask() -> LogEvidence:
            rows = await self.sentry.apps.webhook_requests(slug, start=_moment(now - LOG_REACH))
            lines = [
                LoggedDelivery(
                    row.event_type,
                    row.response_code or 0,
                    row.date.timestamp(),
                    row.webhook_url or "",
                    str((row.model_extra or {}).get("requestId") or ""),
                )
                for row in rows
                if row.date is not None
            ]
            return LogEvidence(tuple(sorted(lines, key=lambda line: line.when, reverse=True)))

        return await _answered(ask(), lambda problem: LogEvidence(problem=problem))

    async def births(self, since: float, until: float, arrived: Arrived) -> BirthEvidence:
        """Ask for the error issues that were born in a time, and whether each has arrived.

        Older servers send `issue.created` for errors alone, so other categories are left out.
        """

        async def ask() -> BirthEvidence:
            query = f"issue.category:error firstSeen:>={_iso(since)} firstSeen:<={_iso(until)}"
            pages = self.sentry.issues.search(
                query, sort="new", page_size=MOST_BORN, collapse=("stats", "lifetime", "filtered")
            )
            issues = [one for one in await pages.collect(MOST_BORN) if one.first_seen is not None]
            known = frozenset(await arrived([one.id for one in issues]))
            return BirthEvidence(since, until, tuple(_born(one, known) for one in issues))

        return await _answered(ask(), lambda problem: BirthEvidence(since, until, problem=problem))

    async def about(self) -> OrganizationEvidence:
        """Ask for the organization with its region and features."""

        async def ask() -> OrganizationEvidence:
            found = await self.sentry.organizations.get(features=True)
            features = frozenset(found.features) if "features" in found.model_fields_set else None
            return OrganizationEvidence((found.links.region_url or "") if found.links else "", features)

        return await _answered(ask(), lambda problem: OrganizationEvidence(problem=problem))

    async def alerts(self, app: App, *, is_only: bool) -> AlertEvidence:
        """Ask for the alerts that have the integration as an action.

        Args:
            app: The integration.
            is_only: Whether the organization has no other one, so that a number can mean no other.
        """

        async def ask() -> AlertEvidence:
            found = [
                one
                for one in await self.sentry.alerts.workflows().collect(MOST_BORN)
                if _names_app(one, app, is_only=is_only)
            ]
            triggered = [one.last_triggered.timestamp() for one in found if one.last_triggered is not None]
            return AlertEvidence(len(found), max(triggered, default=0.0))

        return await _answered(ask(), lambda problem: AlertEvidence(problem=problem))


async def _answered(asking: Awaitable[_Part], otherwise: Callable[[Unasked], _Part]) -> _Part:
    try:
        return await asking
    except SentryError as error:
        return otherwise(unasked_of(error))


def _ours(apps: Sequence[App], slug: str | None, public_url: str | None) -> App | None:
    if slug is not None:
        return next((app for app in apps if app.slug == slug), None)
    by_url = [
        app for app in apps if public_url and app.webhook_url and app.webhook_url.rstrip("/") == public_url.rstrip("/")
    ]
    if len(by_url) == 1:
        return by_url[0]
    return apps[0] if len(apps) == 1 else None


def _born(issue: Issue, arrived: Collection[str]) -> BornIssue:
    assert issue.first_seen is not None
    project = issue.project.slug if issue.project else ""
    return BornIssue(issue.id, issue.short_id or issue.id, project, issue.first_seen.timestamp(), issue.id in arrived)


def _names_app(workflow: Workflow, app: App, *, is_only: bool) -> bool:
    """Return whether an action of the alert is the integration.

    Sentry names it by its number or by its installation, of which an integration's own token can read neither.
    """
    for group in workflow.action_filters or ():
        actions: object = group.get("actions")
        for one in json_list(actions):
            action = json_object(one)
            settings: object = action.get("config")
            config = json_object(settings)
            target = str(config.get("targetIdentifier") or config.get("target_identifier") or "")
            if action.get("type") == "sentry_app" and (is_only or target in {app.uuid, app.slug}):
                return True
    return False


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _iso(seconds: float) -> str:
    return f"{_moment(seconds):%Y-%m-%dT%H:%M:%S}"
