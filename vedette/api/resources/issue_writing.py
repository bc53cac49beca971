"""Writes to one issue.

Every write reads first (or trusts the `Issue` it is given), sends only the values that differ, and returns a `Change`.
"""

from typing import Any

from vedette.api.assignee_lookup import Assignee, AssigneeLookup
from vedette.api.call import Answer, Call
from vedette.api.change import GONE_ALREADY, HELD_BACK, Change
from vedette.api.errors import BadRequest, NotFound
from vedette.api.issue_diff import diff, unconfirmed
from vedette.api.issue_update import NOBODY, InvalidUpdateError, IssueUpdate, Priority, state
from vedette.api.models import Comment, Issue
from vedette.api.resources._caller import IssueReference, validated
from vedette.api.resources.issue_reading import IssueReading, known, reference
from vedette.api.response_parsing import as_object
from vedette.api.write_descriptions import describe

ALREADY = "already so"


class IssueWriting(IssueReading):
    """Writes to one issue."""

    async def update(self, issue: IssueReference, update: IssueUpdate, *, assignee: str | None = None) -> Change:
        """Update the fields of an issue that differ from the wanted state.

        Args:
            issue: The issue. An `Issue` is taken as its present state; for other references it is read first.
            update: The wanted state.
            assignee: The name of the update's assignee, for the audit.

        Returns:
            The outcome; `changed` is false if nothing had to be sent.
        """
        before = await self._before(issue, update)
        body = diff(update, before)
        intent = describe(update, before.label, assignee=assignee)
        held = {name: value for name, value in state(before).items() if name in body}
        if not body:
            return Change(intent, changed=False, issue=before, skipped=ALREADY)
        call = self._core.call(
            "issues.update",
            {"issue_id": before.id},
            body=body,
            intent=intent,
            before=held,
            issue=before.id,
            project=before.project.slug if before.project else None,
        )
        answer = await self._core.write(call)
        after = _after(call, answer, before)
        dropped = unconfirmed(update, after) & frozenset(body) if answer.sent else frozenset[str]()
        self._core.memory.dropped.update(dropped)
        return Change(
            intent,
            changed=answer.sent,
            issue=after,
            skipped=None if answer.sent else HELD_BACK,
            before=held,
            after=body,
            unconfirmed=dropped,
        )

    async def resolve(
        self,
        issue: IssueReference,
        *,
        in_next_release: bool = False,
        in_release: str | None = None,
        in_commit: tuple[str, str] | None = None,
    ) -> Change:
        """Resolve an issue: now, in the next release, in a release, or in a commit.

        Args:
            issue: The issue.
            in_next_release: From the next release on; the project must have a release already.
            in_release: A version that the project has, or `latest`.
            in_commit: The commit's id and the repository's name as Sentry knows it.
        """
        details: dict[str, Any] = {}
        if in_next_release:
            details["inNextRelease"] = True
        if in_release is not None:
            details["inRelease"] = in_release
        if in_commit is not None:
            details["inCommit"] = {"commit": in_commit[0], "repository": in_commit[1]}
        return await self.update(issue, IssueUpdate(status="resolved", status_details=details))

    async def archive(
        self,
        issue: IssueReference,
        *,
        forever: bool = False,
        minutes: int | None = None,
        events: int | None = None,
        events_within_minutes: int | None = None,
        users: int | None = None,
        users_within_minutes: int | None = None,
    ) -> Change:
        """Archive an issue, by default until it escalates; or forever, for a time, a count of events or of users.

        Sentry may not change an archived issue when only the kind of archiving changes. If its answer shows that,
        the issue is reopened and archived again.
        """
        conditions = {
            "ignoreDuration": minutes,
            "ignoreCount": events,
            "ignoreWindow": events_within_minutes,
            "ignoreUserCount": users,
            "ignoreUserWindow": users_within_minutes,
        }
        details = {name: value for name, value in conditions.items() if value is not None}
        if forever and details:
            raise InvalidUpdateError("Archive an issue either forever or until a condition is met.")
        update = IssueUpdate(
            status="ignored", substatus="archived_forever" if forever else None, status_details=details
        )
        change = await self.update(issue, update)
        if "substatus" not in change.unconfirmed or change.issue is None or change.before.get("status") != "ignored":
            return change
        reopened = await self.update(change.issue, IssueUpdate(status="unresolved"))
        return await self.update(reopened.issue or change.issue, update)

    async def unresolve(self, issue: IssueReference) -> Change:
        """Reopen an issue that is resolved or archived."""
        return await self.update(issue, IssueUpdate(status="unresolved"))

    async def assign(self, issue: IssueReference, to: Assignee) -> Change:
        """Assign an issue to a user or team.

        Args:
            issue: The issue.
            to: `team:payments` or `#payments` (slug or id), `ann@example.com`, `user:7`, a name; or a model of one.

        Raises:
            UnknownAssigneeError: no user or team has this name, or several do.
            BadRequest: the team does not have the project, or the user is in no team that has.
        """
        actor = await AssigneeLookup(self._core).find(to)
        return await self.update(issue, IssueUpdate(assigned_to=actor.key), assignee=actor.label)

    async def unassign(self, issue: IssueReference) -> Change:
        """Take the assignee of an issue away."""
        return await self.update(issue, IssueUpdate(assigned_to=NOBODY))

    async def set_priority(self, issue: IssueReference, priority: Priority) -> Change:
        """Set the priority; from then on Sentry no longer adjusts it automatically."""
        if priority not in {"low", "medium", "high"}:
            raise InvalidUpdateError(f"There is no priority {priority!r}; Sentry knows low, medium and high.")
        return await self.update(issue, IssueUpdate(priority=priority))

    async def mark_reviewed(self, issue: IssueReference) -> Change:
        """Take an issue off the list of those to review."""
        return await self.update(issue, IssueUpdate(for_review=False))

    async def comment(self, issue: IssueReference, text: str) -> Change:
        """Comment on an issue, in Markdown.

        Sentry refuses the same text on the same issue within an hour, so a repeat says that it was there already.
        """
        if not text.strip():
            raise InvalidUpdateError("A comment needs a text.")
        named = known(self._core, issue)
        intent = f"commented on {named.label}"
        identifier = reference(issue)
        call = self._core.call(
            "issues.comment",
            {"issue_id": identifier},
            body={"text": text},
            intent=intent,
            issue=identifier,
            project=named.project,
        )
        current = issue if isinstance(issue, Issue) else None
        try:
            answer = await self._core.write(call)
        except BadRequest as error:
            if "already posted" not in error.detail.text.lower():
                raise
            return Change(intent, changed=False, issue=current, skipped="said within the last hour")
        comment = validated(Comment, as_object(call, answer), call, answer) if answer.sent else None
        return Change(
            intent, changed=answer.sent, issue=current, comment=comment, skipped=None if answer.sent else HELD_BACK
        )

    async def delete(self, issue: IssueReference) -> Change:
        """Delete an issue and its events. Sentry queues it; one that is gone already is left at that."""
        named = known(self._core, issue)
        identifier = reference(issue)
        intent = f"deleted {named.label}"
        call = self._core.call(
            "issues.delete", {"issue_id": identifier}, intent=intent, issue=identifier, project=named.project
        )
        try:
            answer = await self._core.write(call)
        except NotFound:
            return Change(intent, changed=False, skipped=GONE_ALREADY)
        return Change(intent, changed=answer.sent, skipped=None if answer.sent else HELD_BACK)

    async def _before(self, issue: IssueReference, update: IssueUpdate) -> Issue:
        needs_inbox = update.for_review is not None
        if isinstance(issue, Issue) and (not needs_inbox or "inbox" in issue.model_fields_set):
            return issue
        return await self.get(issue, expand=["inbox"] if needs_inbox else ())


def _after(call: Call, answer: Answer, before: Issue) -> Issue:
    return validated(Issue, as_object(call, answer), call, answer) if isinstance(answer.body, dict) else before
