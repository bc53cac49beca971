"""From a history that was taken for trials to what proposals are learned from.

Only persons teach: what Sentry or an integration did, this one included, is no opinion. And only what they left an
issue as counts, within a time after its birth, as in a trial.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.api import Lane, Sentry
from vedette.rules.backtest.agreement import WINDOW
from vedette.rules.backtest.bounded_gather import each
from vedette.rules.backtest.downloader import ACTIVITY, take_activity, take_issues, take_teams
from vedette.rules.backtest.event_reconstruction import ReconstructedEvent, happenings_of, moment
from vedette.rules.backtest.history_store import HistoryStore, StoredIssue
from vedette.rules.backtest.people import People, learn_all
from vedette.rules.backtest.progress import Progress, Silent
from vedette.rules.backtest.scope import Scope
from vedette.rules.backtest.user_actions import UserAction, acts_of
from vedette.rules.suggest.labelled_issue import Kind, LabelledIssue, features_of
from vedette.rules.suggest.miner import propose
from vedette.rules.suggest.suggestion import Suggestion
from vedette.rules.suggest.thresholds import Thresholds

_READ: Final = "histories looked at"
_CHUNK: Final = 500
_ROUNDS: Final = 3
_ARCHIVED: Final[Mapping[str, str]] = {
    "archived_until_escalating": "until escalating",
    "archived_forever": "forever",
}


@dataclass(slots=True)
class TrainingData:
    """Reads one organization's past and learns from it.

    Attributes:
        sentry: whose past; its calls go after everybody else's.
        history: where it is kept.
        scope: how much of it.
        window: for how long after an issue's birth people's acts count.
        progress: who is told how far it is.
    """

    sentry: Sentry
    history: HistoryStore
    scope: Scope
    window: timedelta = WINDOW
    progress: Progress = Silent()  # noqa: RUF009 - it has no state
    past: dict[int, LabelledIssue] = field(default_factory=dict[int, LabelledIssue])
    """What was read, by id."""
    _people: People = field(default_factory=People)
    _unread: set[int] = field(default_factory=set[int])
    """Issues that look untouched today, whose history was not read."""

    async def proposals(self, thresholds: Thresholds | None = None) -> list[Suggestion]:
        """Take what is missing of the past, and propose rules.

        An issue that somebody archived and took back a minute later looks untouched. So the history of every issue that
        a proposal finds is read too, and all is counted anew, until nothing that a proposal rests on is unread.

        Raises:
            SentryError: Sentry refuses, or cannot be reached for long; what was taken stays for the next time.
        """
        await self._take()
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

    async def _take(self) -> None:
        self.sentry = self.sentry.view(lane=Lane.BACKFILL)
        await take_issues(self.sentry, self.history, self.scope, self.progress)
        learn_all(self._people, await take_teams(self.sentry, self.history), "team")
        total = await self.history.count()
        async for chunk in self.history.issues():
            await self._learn(chunk, {issue.id for issue in chunk if issue.touched})
            self.progress.step(_READ, len(self.past), total)

    async def _learn(self, issues: Sequence[StoredIssue], wanted: Collection[int]) -> None:
        """Read some issues, with the history of those wanted and of those whose history is kept already."""
        learn_all(self._people, (issue.body.get("assignedTo") for issue in issues))
        activities = await self._activities([issue.id for issue in issues], wanted)
        for one in activities.values():
            learn_all(self._people, (activity.get("user") for activity in one), "user")
        begins = datetime.fromisoformat((await self.history.facts())["begins"]).timestamp()
        for issue in issues:
            past = past_of(issue, activities.get(issue.id, ()), self._people, self.window)
            if past is not None and past.when >= begins:
                self.past[issue.id] = past
                (self._unread.discard if issue.id in activities else self._unread.add)(issue.id)

    async def _activities(self, ids: Sequence[int], wanted: Collection[int]) -> dict[int, list[dict[str, Any]]]:
        found = await self.history.details(ids, ACTIVITY)

        async def take(number: int) -> None:
            found[number] = await take_activity(self.sentry, self.history, number)

        await each((number for number in ids if number in wanted and number not in found), take)
        return found


def past_of(
    issue: StoredIssue, activities: Sequence[Mapping[str, Any]], people: People, window: timedelta = WINDOW
) -> LabelledIssue | None:
    """An issue as it was born, and what people made of it; None where its birth is not known."""
    happened = happenings_of(issue.body, activities, people)
    if not happened:
        return None
    born = happened[0].at
    recent = [one for one in activities if (at := moment(one.get("dateCreated"))) and at <= born + window]
    acts = acts_of(recent, people)
    touched = any(one.get("user") and not one.get("sentry_app") for one in recent)
    facts = happened[0].facts(issue.body)
    return LabelledIssue(
        str(issue.id), born.timestamp(), features_of(facts), _choices(issue, acts, recent, happened), touched
    )


def _choices(
    issue: StoredIssue,
    acts: Sequence[UserAction],
    activities: Sequence[Mapping[str, Any]],
    happened: Sequence[ReconstructedEvent],
) -> dict[Kind, str]:
    """What the last act of each kind chose."""
    chosen: dict[Kind, str] = {}
    assignee, status, priority = (_last(acts, key) for key in ("assignedTo", "status", "priority"))
    if isinstance(assignee, dict):
        chosen["assign"] = written(json_object(assignee))
    if status == "ignored":
        archived = _archived_how(issue)
        if archived:
            chosen["archive"] = archived
    if status == "resolved" and assignee is None and _is_dismissal(activities, happened):
        chosen["resolve"] = "now"
    if isinstance(priority, str):
        chosen["priority"] = priority
    return chosen


def written(actor: Mapping[str, Any]) -> str:
    """An assignee as a rules file names them."""
    if actor.get("type") == "team":
        return f"#{actor['name']}" if actor.get("name") else f"team:{actor.get('id')}"
    return str(actor.get("email") or f"user:{actor.get('id')}")


def _last(acts: Sequence[UserAction], key: str) -> Any:
    return next((act.changed[key] for act in reversed(acts) if key in act.changed), None)


def _archived_how(issue: StoredIssue) -> str:
    """In which form, as far as it shows today; the one that comes back by itself where it does not."""
    if issue.body.get("status") != "ignored":
        return "until escalating"
    return _ARCHIVED.get(str(issue.body.get("substatus")), "")


def _is_dismissal(activities: Sequence[Mapping[str, Any]], happened: Sequence[ReconstructedEvent]) -> bool:
    """Whether a resolution said "this is nothing": no commit, no release, and it did not come back.

    Most resolutions say "I have mended it", which no rule can do.
    """
    kinds = [str(one.get("type")) for one in activities]
    mended = any(kind.startswith("set_resolved_") for kind in kinds)
    return not mended and not any(one.state.get("substatus") == "regressed" for one in happened)
