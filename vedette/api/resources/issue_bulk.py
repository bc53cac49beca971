"""Changing several issues with one call, without stepping into Sentry's trap.

When none of the ids in a bulk call is in scope, Sentry runs the call's search instead and changes up to a thousand
issues it finds. So every id is read first, each call stays within one project, and its search is one that finds
nothing.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.api.call import Answer, Call
from vedette.api.change import HELD_BACK, Change
from vedette.api.issue_diff import diff, unconfirmed_of_many
from vedette.api.issue_update import InvalidUpdateError, IssueUpdate, state
from vedette.api.models import Issue
from vedette.api.resources._caller import IssueReference
from vedette.api.resources.issue_reading import IssueReading, reference
from vedette.api.resources.issue_writing import ALREADY
from vedette.api.write_descriptions import describe

FINDS_NOTHING: Final = "timesSeen:<0"
"""The search of every bulk call, in case all its ids went stale since they were read."""

MOST: Final = 1000
"""Issues that Sentry changes with one call."""


class IssueBulk(IssueReading):
    """Operations on several issues."""

    async def update_many(
        self, issues: Sequence[IssueReference], update: IssueUpdate, *, assignee: str | None = None
    ) -> list[Change]:
        """Bring several issues into one state, with one call for each project.

        Returns:
            A change for each issue that still exists, in the order given; those that were so already say so.
        """
        changes: dict[str, Change] = {}
        for project, group in _by_project(await self._existing(issues)):
            wanting = [issue for issue in group if diff(update, issue)]
            answer = await self._update_group(project, wanting, update, assignee) if wanting else None
            for issue in group:
                changes[issue.id] = _change(issue, update, assignee, answer)
        return [changes[name] for name in dict.fromkeys(map(reference, issues)) if name in changes]

    async def merge(self, issues: Sequence[IssueReference]) -> Change:
        """Merge two or more issues of one project; Sentry picks the remaining issue and merges in the background.

        Raises:
            InvalidUpdateError: fewer than two of them exist, or they are of several projects.
        """
        existing = await self._existing(issues)
        groups = _by_project(existing)
        if len(existing) < 2 or len(groups) != 1:  # noqa: PLR2004  # one issue cannot be merged
            raise InvalidUpdateError("Merging needs two or more issues that still exist, all of one project.")
        project, _ = groups[0]
        intent = f"merged {_list(existing)}"
        answer = await self._core.write(self._call("issues.update_many", project, existing, intent, {"merge": True}))
        merged = json_object(answer.body).get("merge", {})
        return Change(intent, changed=answer.sent, skipped=None if answer.sent else HELD_BACK, after={"merge": merged})

    async def delete_many(self, issues: Sequence[IssueReference]) -> list[Change]:
        """Delete several issues. Those that are gone already are left out, and nothing is sent when none is left."""
        changes: list[Change] = []
        for project, group in _by_project(await self._existing(issues)):
            intent = f"deleted {_list(group)}"
            answer = await self._core.write(self._call("issues.delete_many", project, group, intent))
            changes.append(Change(intent, changed=answer.sent, skipped=None if answer.sent else HELD_BACK))
        return changes

    async def update_in_project(
        self, project: str, issues: Sequence[IssueReference], update: IssueUpdate, *, assignee: str | None = None
    ) -> list[Change]:
        """Update issues like `update_many`, by the address of one project; issues of other projects are refused.

        Raises:
            InvalidUpdateError: one of them is of another project.
        """
        existing = await self._of_project(project, issues)
        wanting = [issue for issue in existing if diff(update, issue)]
        answer = None
        if wanting:
            intent = describe(update, _list(wanting), assignee=assignee)
            call = self._project_call("issues.update_in_project", project, wanting, intent, update.body())
            answer = await self._core.write(call)
        return [_change(issue, update, assignee, answer) for issue in existing]

    async def delete_in_project(self, project: str, issues: Sequence[IssueReference]) -> Change | None:
        """Delete issues like `delete_many`, by the address of one project. None: all of them are gone already."""
        existing = await self._of_project(project, issues)
        if not existing:
            return None
        intent = f"deleted {_list(existing)}"
        answer = await self._core.write(self._project_call("issues.delete_in_project", project, existing, intent))
        return Change(intent, changed=answer.sent, skipped=None if answer.sent else HELD_BACK)

    async def _of_project(self, project: str, issues: Sequence[IssueReference]) -> list[Issue]:
        existing = await self._existing(issues)
        for issue in existing:
            if issue.project is None or project not in {issue.project.slug, issue.project.id}:
                raise InvalidUpdateError(f"{issue.label} is not of project {project}: nothing was sent.")
        return existing

    async def _existing(self, issues: Sequence[IssueReference]) -> list[Issue]:
        if len(issues) > MOST:
            raise InvalidUpdateError(f"Sentry changes at most {MOST} issues at once; these are {len(issues)}.")
        return await self.get_many(issues) if issues else []

    async def _update_group(
        self, project: str, issues: Sequence[Issue], update: IssueUpdate, assignee: str | None
    ) -> Answer:
        intent = describe(update, _list(issues), assignee=assignee)
        return await self._core.write(self._call("issues.update_many", project, issues, intent, update.body()))

    def _call(
        self, name: str, project: str, issues: Sequence[Issue], intent: str, body: Mapping[str, Any] | None = None
    ) -> Call:
        ids = tuple(issue.id for issue in issues)
        # By its id, which older servers want; the slug is for grants and people.
        number = issues[0].project.id if issues[0].project else project
        query = {"id": ids, "project": number, "query": FINDS_NOTHING}
        return self._core.call(name, query=query, body=body, intent=intent, issues=ids, project=project)

    def _project_call(
        self, name: str, project: str, issues: Sequence[Issue], intent: str, body: Mapping[str, Any] | None = None
    ) -> Call:
        ids = tuple(issue.id for issue in issues)
        return self._core.call(
            name,
            {"project_id_or_slug": project},
            query={"id": ids, "query": FINDS_NOTHING},
            body=body,
            intent=intent,
            issues=ids,
            project=project,
        )


def _by_project(issues: Sequence[Issue]) -> list[tuple[str, list[Issue]]]:
    def slug(issue: Issue) -> str:
        return issue.project.slug if issue.project else ""

    return [(project, list(group)) for project, group in groupby(sorted(issues, key=slug), key=slug)]


def _change(issue: Issue, update: IssueUpdate, assignee: str | None, answer: Answer | None) -> Change:
    body, sent = diff(update, issue), answer is not None and answer.sent
    dropped = unconfirmed_of_many(update.body(), answer.body) if answer is not None and sent else frozenset[str]()
    return Change(
        describe(update, issue.label, assignee=assignee),
        changed=bool(body) and sent,
        issue=issue,
        skipped=ALREADY if not body else None if sent else HELD_BACK,
        before={name: value for name, value in state(issue).items() if name in body},
        after=body,
        unconfirmed=dropped & frozenset(body),
    )


def _list(issues: Sequence[Issue]) -> str:
    names = [issue.label for issue in issues]
    shown = names if len(names) <= 10 else [*names[:9], f"{len(names) - 9} more"]  # noqa: PLR2004  # fits a line
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
