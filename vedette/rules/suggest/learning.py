"""From a history that was taken for trials to what proposals are learned from.

Only persons teach: what Sentry or an integration did, this one included, is no opinion. And only what they left an
issue as counts, within a time after its birth, as in a trial.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from vedette.api import Lane, Sentry
from vedette.rules.suggest.past import Kind, PastIssue, features_of
from vedette.rules.trial.acts import Act, acts_of
from vedette.rules.trial.agreement import WINDOW
from vedette.rules.trial.happenings import Happening, happenings_of, moment
from vedette.rules.trial.history import History, Kept
from vedette.rules.trial.people import People, learn_all
from vedette.rules.trial.progress import Progress, Silent
from vedette.rules.trial.scope import Scope
from vedette.rules.trial.taking import ACTIVITY, take_activity, take_issues, take_teams
from vedette.rules.trial.together import each

_READ: Final = "histories looked at"
_ARCHIVED: Final[Mapping[str, str]] = {
    "archived_until_escalating": "until escalating",
    "archived_forever": "forever",
}


@dataclass(frozen=True, slots=True)
class Learning:
    """Reads one organization's past.

    Attributes:
        sentry: whose past; its calls go after everybody else's.
        history: where it is kept.
        scope: how much of it.
        window: for how long after an issue's birth people's acts count.
        progress: who is told how far it is.
    """

    sentry: Sentry
    history: History
    scope: Scope
    window: timedelta = WINDOW
    progress: Progress = Silent()  # noqa: RUF009 - it has no state

    async def past(self) -> list[PastIssue]:
        """Take what is missing, and read what people did.

        Raises:
            SentryError: Sentry refuses, or cannot be reached for long; what was taken stays for the next time.
        """
        sentry = self.sentry.view(lane=Lane.BACKFILL)
        await take_issues(sentry, self.history, self.scope, self.progress)
        people, found = People(), list[PastIssue]()
        learn_all(people, await take_teams(sentry, self.history), "team")
        begins = datetime.fromisoformat((await self.history.facts())["begins"])
        total = await self.history.count()
        async for chunk in self.history.issues():
            learn_all(people, (issue.body.get("assignedTo") for issue in chunk))
            activities = await self._activities(sentry, [issue for issue in chunk if issue.touched])
            for one in activities.values():
                learn_all(people, (activity.get("user") for activity in one), "user")
            pasts = (past_of(issue, activities.get(issue.id, ()), people, self.window) for issue in chunk)
            found += [past for past in pasts if past is not None and past.when >= begins.timestamp()]
            self.progress.step(_READ, len(found), total)
        return found

    async def _activities(self, sentry: Sentry, issues: Sequence[Kept]) -> dict[int, list[dict[str, Any]]]:
        found = await self.history.details([issue.id for issue in issues], ACTIVITY)

        async def take(issue: Kept) -> None:
            found[issue.id] = await take_activity(sentry, self.history, issue.id)

        await each((issue for issue in issues if issue.id not in found), take)
        return found


def past_of(
    issue: Kept, activities: Sequence[Mapping[str, Any]], people: People, window: timedelta = WINDOW
) -> PastIssue | None:
    """An issue as it was born, and what people made of it; None where its birth is not known."""
    happened = happenings_of(issue.body, activities, people)
    if not happened:
        return None
    born = happened[0].at
    recent = [one for one in activities if (at := moment(one.get("dateCreated"))) and at <= born + window]
    acts = acts_of(recent, people)
    touched = any(one.get("user") and not one.get("sentry_app") for one in recent)
    facts = happened[0].facts(issue.body)
    return PastIssue(
        str(issue.id), born.timestamp(), features_of(facts), _choices(issue, acts, recent, happened), touched
    )


def _choices(
    issue: Kept, acts: Sequence[Act], activities: Sequence[Mapping[str, Any]], happened: Sequence[Happening]
) -> dict[Kind, str]:
    """What the last act of each kind chose."""
    chosen: dict[Kind, str] = {}
    assignee, status, priority = (_last(acts, key) for key in ("assignedTo", "status", "priority"))
    if isinstance(assignee, dict):
        chosen["assign"] = written(cast("dict[str, Any]", assignee))
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


def _last(acts: Sequence[Act], key: str) -> Any:
    return next((act.changed[key] for act in reversed(acts) if key in act.changed), None)


def _archived_how(issue: Kept) -> str:
    """In which form, as far as it shows today; the one that comes back by itself where it does not."""
    if issue.body.get("status") != "ignored":
        return "until escalating"
    return _ARCHIVED.get(str(issue.body.get("substatus")), "")


def _is_dismissal(activities: Sequence[Mapping[str, Any]], happened: Sequence[Happening]) -> bool:
    """Whether a resolution said "this is nothing": no commit, no release, and it did not come back.

    Most resolutions say "I have mended it", which no rule can do.
    """
    kinds = [str(one.get("type")) for one in activities]
    mended = any(kind.startswith("set_resolved_") for kind in kinds)
    return not mended and not any(one.state.get("substatus") == "regressed" for one in happened)
