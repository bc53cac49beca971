"""Prepares the training data of suggestions from the history of backtests.

Only actions of people are used, not those of Sentry or of an integration, this one included. As in a backtest, the
state in which people leave an issue within a time after its creation is compared.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from vedette._core.bounded_gather import for_each
from vedette._core.json_values import json_object
from vedette._core.progress import Progress, Silent
from vedette.api import Lane, Sentry
from vedette.history.event_reconstruction import ReconstructedEvent, moment, reconstruct_events
from vedette.history.people import People, learn_all
from vedette.rules.backtest.agreement import WINDOW
from vedette.rules.backtest.downloader import ACTIVITY, download_activity, download_issues, download_teams
from vedette.rules.backtest.historic_subject import facts_at
from vedette.rules.backtest.history_store import HistoryStore, StoredIssue
from vedette.rules.backtest.scope import Scope
from vedette.rules.backtest.user_actions import UserAction, read_user_actions
from vedette.rules.suggest.labelled_issue import Kind, LabelledIssue, features_of
from vedette.rules.suggest.miner import propose
from vedette.rules.suggest.suggestion import Suggestion
from vedette.rules.suggest.thresholds import Thresholds

_READ: Final = "histories read"
_CHUNK: Final = 500
_ROUNDS: Final = 3
_ARCHIVED: Final[Mapping[str, str]] = {
    "archived_until_escalating": "until escalating",
    "archived_forever": "forever",
}


@dataclass(slots=True)
class TrainingData:
    """The training data of one organization.

    Attributes:
        sentry: The client; its calls have the lowest priority.
        history: The store for downloaded issues.
        scope: The part of the past.
        window: The time after the creation of an issue in which actions of people are used.
        progress: The display of progress.
    """

    sentry: Sentry
    history: HistoryStore
    scope: Scope
    window: timedelta = WINDOW
    progress: Progress = Silent()  # noqa: RUF009 - it has no state
    past: dict[int, LabelledIssue] = field(default_factory=dict[int, LabelledIssue])
    """The labelled issues, by id."""
    _people: People = field(default_factory=People)
    _unread: set[int] = field(default_factory=set[int])
    """Issues without a history, since they look unchanged today."""

    async def proposals(self, thresholds: Thresholds | None = None) -> list[Suggestion]:
        """Download the missing part of the past, and suggest rules.

        An issue that was archived and reopened a minute later looks unchanged. So the history of every issue that a
        suggestion finds is read too, and all is counted again, until no suggestion depends on an unread history.

        Raises:
            SentryError: Sentry refused a call, or failed for too long; downloaded data is stored for the next time.
        """
        await self._download()
        for _ in range(_ROUNDS):
            found = propose(self.past.values(), thresholds)
            unread = [number for number in self._unread if any(one.finds(self.past[number].features) for one in found)]
            if not unread:
                return found
            for start in range(0, len(unread), _CHUNK):
                kept = await self.history.issues_by_id(unread[start : start + _CHUNK])
                await self._learn(list(kept.values()), kept.keys())
        return [
            one
            for one in propose(self.past.values(), thresholds)
            if not any(one.finds(self.past[number].features) for number in self._unread)
        ]

    async def _download(self) -> None:
        self.sentry = self.sentry.view(lane=Lane.BACKFILL)
        await download_issues(self.sentry, self.history, self.scope, self.progress)
        learn_all(self._people, await download_teams(self.sentry, self.history), "team")
        total = await self.history.count()
        async for chunk in self.history.issues():
            await self._learn(chunk, {issue.id for issue in chunk if issue.touched})
            self.progress.step(_READ, len(self.past), total)

    async def _learn(self, issues: Sequence[StoredIssue], wanted: Collection[int]) -> None:
        """Label issues, with the history of the wanted ones and of those that have a stored one."""
        learn_all(self._people, (issue.body.get("assignedTo") for issue in issues))
        activities = await self._activities([issue.id for issue in issues], wanted)
        for one in activities.values():
            learn_all(self._people, (activity.get("user") for activity in one), "user")
        begins = datetime.fromisoformat((await self.history.facts())["begins"]).timestamp()
        for issue in issues:
            past = label_issue(issue, activities.get(issue.id, ()), self._people, self.window)
            if past is not None and past.when >= begins:
                self.past[issue.id] = past
                (self._unread.discard if issue.id in activities else self._unread.add)(issue.id)

    async def _activities(self, ids: Sequence[int], wanted: Collection[int]) -> dict[int, list[dict[str, Any]]]:
        found = await self.history.details(ids, ACTIVITY)

        async def download(number: int) -> None:
            found[number] = await download_activity(self.sentry, self.history, number)

        await for_each((number for number in ids if number in wanted and number not in found), download)
        return found


def label_issue(
    issue: StoredIssue, activities: Sequence[Mapping[str, Any]], people: People, window: timedelta = WINDOW
) -> LabelledIssue | None:
    """Label an issue with its facts at creation and the choices of people; None if the creation is unknown."""
    events = reconstruct_events(issue.body, activities, people)
    if not events:
        return None
    born = events[0].at
    recent = [one for one in activities if (at := moment(one.get("dateCreated"))) and at <= born + window]
    acts = read_user_actions(recent, people)
    touched = any(one.get("user") and not one.get("sentry_app") for one in recent)
    facts = facts_at(events[0], issue.body)
    return LabelledIssue(
        str(issue.id), born.timestamp(), features_of(facts), _choices(issue, acts, recent, events), touched
    )


def _choices(
    issue: StoredIssue,
    acts: Sequence[UserAction],
    activities: Sequence[Mapping[str, Any]],
    events: Sequence[ReconstructedEvent],
) -> dict[Kind, str]:
    """Return the choice of the last action of each kind."""
    chosen: dict[Kind, str] = {}
    assignee, status, priority = (_last(acts, key) for key in ("assignedTo", "status", "priority"))
    if isinstance(assignee, dict):
        chosen["assign"] = format_assignee(json_object(assignee))
    if status == "ignored":
        archived = _archived_how(issue)
        if archived:
            chosen["archive"] = archived
    if status == "resolved" and assignee is None and _is_dismissal(activities, events):
        chosen["resolve"] = "now"
    if isinstance(priority, str):
        chosen["priority"] = priority
    return chosen


def format_assignee(actor: Mapping[str, Any]) -> str:
    """Format an assignee for a rules file."""
    if actor.get("type") == "team":
        return f"#{actor['name']}" if actor.get("name") else f"team:{actor.get('id')}"
    return str(actor.get("email") or f"user:{actor.get('id')}")


def _last(acts: Sequence[UserAction], key: str) -> Any:
    return next((act.changed[key] for act in reversed(acts) if key in act.changed), None)


def _archived_how(issue: StoredIssue) -> str:
    """Return the form of archival that the issue shows today; `until escalating` if it shows none."""
    if issue.body.get("status") != "ignored":
        return "until escalating"
    return _ARCHIVED.get(str(issue.body.get("substatus")), "")


def _is_dismissal(activities: Sequence[Mapping[str, Any]], events: Sequence[ReconstructedEvent]) -> bool:
    """Return whether a resolution dismissed the issue: without a commit or a release, and without a regression.

    Most resolutions mean that the error was fixed, which no rule can do.
    """
    kinds = [str(one.get("type")) for one in activities]
    is_fixed = any(kind.startswith("set_resolved_") for kind in kinds)
    return not is_fixed and not any(one.state.get("substatus") == "regressed" for one in events)
