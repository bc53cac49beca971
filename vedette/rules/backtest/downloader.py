"""Taking the past from Sentry: a list of issues, page by page, and of some of them what happened.

The list is sorted by birth, newest first: issues that are born meanwhile push others to a later page, where they are
seen twice, and none slips by. Each page is kept together with the cursor of the next, so a killed process takes one
page again at most.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from vedette._core.json_values import json_list, json_object
from vedette.api import Answer, Sentry
from vedette.api.errors import Forbidden, NotFound
from vedette.api.paging import next_cursor
from vedette.rules.backtest.activity_changes import object_in
from vedette.rules.backtest.event_reconstruction import looks_touched
from vedette.rules.backtest.history_store import HistoryStore, StoredIssue
from vedette.rules.backtest.progress import Progress
from vedette.rules.backtest.scope import Scope

ACTIVITY: Final = "activity"
PHASE: Final = "issues taken"
_KEPT: Final = frozenset({
    *("id", "shortId", "title", "culprit", "permalink", "logger", "level", "status", "substatus", "platform"),
    *("project", "type", "metadata", "assignedTo", "annotations", "issueType", "issueCategory", "priority"),
    *("priorityLockedAt", "isUnhandled", "count", "userCount", "firstSeen", "lastSeen"),
})  # fmt: skip
"""What of a listed issue is looked at; the rest (series of counts above all) would fill the disk."""


async def take_issues(sentry: Sentry, history: HistoryStore, scope: Scope, progress: Progress) -> None:
    """Take all issues of the scope that are not kept yet.

    Raises:
        SentryError: Sentry refuses, or cannot be reached for long; what was taken stays.
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
        page = [kept(body) for body in objects(answer)]
        cursor = next_cursor(answer.header("Link")) or "end"
        await history.add_page(page, cursor=cursor)
        done += len(page)
        progress.step(PHASE, done, None)
    await history.write(complete=datetime.now(UTC).isoformat())


def kept(body: Mapping[str, Any]) -> StoredIssue:
    """An issue as it is kept."""
    few = {key: value for key, value in body.items() if key in _KEPT}
    few["metadata"] = {key: value for key, value in object_in(body, "metadata").items() if key != "sdk"}
    return StoredIssue(int(body["id"]), looks_touched(body), few)


async def take_teams(sentry: Sentry, history: HistoryStore) -> list[dict[str, Any]]:
    """The teams, asked once; none where the token may not read them."""
    found = await history.detail(0, "teams")
    if found is None:
        try:
            found = [{"id": team.id, "slug": team.slug} async for team in sentry.teams.list()]
        except (Forbidden, NotFound):
            found = []
        await history.add_detail(0, "teams", found)
    return found


async def take_activity(sentry: Sentry, history: HistoryStore, issue: int) -> list[dict[str, Any]]:
    """What happened to an issue, newest first; nothing where it is gone. What is answered is kept."""
    try:
        activities = await sentry.issues.activities(str(issue))
        found = [_few(one.model_dump(mode="json", by_alias=True)) for one in activities]
    except NotFound:
        found = await _shown_with_issue(sentry, issue)
    await history.add_detail(issue, ACTIVITY, found)
    return found


async def _shown_with_issue(sentry: Sentry, issue: int) -> list[dict[str, Any]]:
    """The history as the issue itself shows it: slower, but a public route, which the list of activities is not."""
    try:
        found = await sentry.issues.get(str(issue), collapse=("stats", "tags", "release"))
    except NotFound:
        return []
    # The id of a merged issue answers with another.
    return [_few(one) for one in found.activity] if found.id == str(issue) else []


def _few(activity: dict[str, Any]) -> dict[str, Any]:
    """What of an activity is looked at: not the text of comments, nor people's settings."""
    data, user = object_in(activity, "data"), object_in(activity, "user")
    known = {"assignee", "assigneeType", "assigneeEmail", "priority", "ignoreUntilEscalating"}
    few: dict[str, Any] = {"type": activity.get("type"), "dateCreated": activity.get("dateCreated")}
    few["data"] = {key: value for key, value in data.items() if key in known}
    few["user"] = {key: user.get(key) for key in ("id", "name", "email", "username")} if user else None
    return few | ({"sentry_app": True} if activity.get("sentry_app") else {})


def objects(answer: Answer) -> list[dict[str, Any]]:
    """The objects of an answer that is a list."""
    body: object = answer.body
    listed = json_list(body)
    return [json_object(each) for each in listed if isinstance(each, dict)]
