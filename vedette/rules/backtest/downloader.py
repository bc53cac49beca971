"""Downloads the past from Sentry: the list of issues, page by page, and the history of some of them.

The list is sorted by creation, newest first: new issues move others to a later page, where they are read twice, so none
is missed. Each page is stored together with the cursor of the next, so a killed process repeats one page at most.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from vedette._core.json_values import json_list, json_object
from vedette._core.progress import Progress
from vedette.api import Answer, Sentry
from vedette.api.errors import Forbidden, NotFound
from vedette.api.paging import next_cursor
from vedette.history.activity_changes import object_in
from vedette.history.event_reconstruction import looks_changed
from vedette.rules.backtest.history_store import HistoryStore, StoredIssue
from vedette.rules.backtest.scope import Scope

ACTIVITY: Final = "activity"
PHASE: Final = "issues read"
_STORED: Final = frozenset({
    *("id", "shortId", "title", "culprit", "permalink", "logger", "level", "status", "substatus", "platform"),
    *("project", "type", "metadata", "assignedTo", "annotations", "issueType", "issueCategory", "priority"),
    *("priorityLockedAt", "isUnhandled", "count", "userCount", "firstSeen", "lastSeen"),
})  # fmt: skip
"""Stored fields of an issue; the others (series of counts above all) would fill the disk."""


async def download_issues(sentry: Sentry, history: HistoryStore, scope: Scope, progress: Progress) -> None:
    """Download all issues of the scope that are not stored yet.

    Raises:
        SentryError: Sentry refused a call, or failed for too long; downloaded issues are stored.
    """
    facts = await history.facts()
    if "complete" in facts:
        return
    begins = facts.get("begins") or scope.begins(datetime.now(UTC)).isoformat()
    await history.write(begins=begins)
    cursor, done = facts.get("cursor", ""), await history.count()
    pages = sentry.issues.search(
        scope.search(datetime.fromisoformat(begins)), project=scope.projects, sort="new", page_size=100
    )
    while cursor != "end":
        query = (*pages.call.query, *((("cursor", cursor),) if cursor else ()))
        answer = await sentry.send(replace(pages.call, query=query))
        page = [stored_issue(body) for body in objects(answer)]
        cursor = next_cursor(answer.header("Link")) or "end"
        await history.add_page(page, cursor=cursor)
        done += len(page)
        progress.step(PHASE, done, None)
    await history.write(complete=datetime.now(UTC).isoformat())


def stored_issue(body: Mapping[str, Any]) -> StoredIssue:
    """Return an issue with the fields that are stored."""
    few = {key: value for key, value in body.items() if key in _STORED}
    few["metadata"] = {key: value for key, value in object_in(body, "metadata").items() if key != "sdk"}
    return StoredIssue(int(body["id"]), looks_changed(body), few)


async def download_teams(sentry: Sentry, history: HistoryStore) -> list[dict[str, Any]]:
    """Download the teams, once; none if the token may not read them."""
    found = await history.detail(0, "teams")
    if found is None:
        try:
            found = [{"id": team.id, "slug": team.slug} async for team in sentry.teams.list()]
        except (Forbidden, NotFound):
            found = []
        await history.add_detail(0, "teams", found)
    return found


async def download_activity(sentry: Sentry, history: HistoryStore, issue: int) -> list[dict[str, Any]]:
    """Download and store the activities of an issue, newest first; none if it was deleted."""
    try:
        activities = await sentry.issues.activities(str(issue))
        found = [_few(one.model_dump(mode="json", by_alias=True)) for one in activities]
    except NotFound:
        found = await _shown_with_issue(sentry, issue)
    await history.add_detail(issue, ACTIVITY, found)
    return found


async def _shown_with_issue(sentry: Sentry, issue: int) -> list[dict[str, Any]]:
    """Read the activities from the issue itself: slower, but a public endpoint, unlike the list of activities."""
    try:
        found = await sentry.issues.get(str(issue), collapse=("stats", "tags", "release"))
    except NotFound:
        return []
    # The response for the id of a merged issue is the other issue.
    return [_few(one) for one in found.activity] if found.id == str(issue) else []


def _few(activity: dict[str, Any]) -> dict[str, Any]:
    """Return the stored fields of an activity: not the text of comments, nor settings of users."""
    data, user = object_in(activity, "data"), object_in(activity, "user")
    known = {"assignee", "assigneeType", "assigneeEmail", "priority", "ignoreUntilEscalating"}
    few: dict[str, Any] = {"type": activity.get("type"), "dateCreated": activity.get("dateCreated")}
    few["data"] = {key: value for key, value in data.items() if key in known}
    few["user"] = {key: user.get(key) for key in ("id", "name", "email", "username")} if user else None
    return few | ({"sentry_app": True} if activity.get("sentry_app") else {})


def objects(answer: Answer) -> list[dict[str, Any]]:
    """Return the objects in a response that is a list."""
    body: object = answer.body
    listed = json_list(body)
    return [json_object(each) for each in listed if isinstance(each, dict)]
