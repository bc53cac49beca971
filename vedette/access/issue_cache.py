"""What Sentry's own answers said of issues: their project, label and state.

The gate goes by these and never by what a call says of itself. Most writes come after a read of the same issue, which
passed the gate, so it seldom has to ask again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from pydantic import ValidationError

from vedette.api.cache import Remembered
from vedette.api.call import Answer, Call, Transport
from vedette.api.issue_update import state
from vedette.api.models import Issue
from vedette.api.operations import OPERATIONS


@dataclass(frozen=True, slots=True)
class CachedIssue:
    """An issue as Sentry last showed it."""

    id: str
    label: str
    project: str
    """The project's slug; empty where Sentry did not say."""
    state: Mapping[str, Any]
    """What it holds, in the words of an update's body."""


@dataclass(frozen=True, slots=True)
class IssueCache:
    """The issues and projects seen, for a minute; shared by the runs of one integration."""

    organization: str
    issues: Remembered[CachedIssue] = field(default_factory=lambda: Remembered[CachedIssue](most=10_000, seconds=60.0))
    projects: Remembered[str] = field(default_factory=lambda: Remembered[str](most=1_000, seconds=300.0))
    """Id -> slug."""
    actors: Remembered[str] = field(default_factory=lambda: Remembered[str](most=5_000, seconds=900.0))
    """`team:2`, `user:7` -> what people call it."""

    def actor(self, key: str) -> str | None:
        """What people call a team or a member, as Sentry's answers have named it; None where none has."""
        return self.actors.get(key)

    def note(self, answer: Answer) -> list[CachedIssue]:
        """Remember every issue in an answer, and return them."""
        body: object = answer.body
        items = cast("list[Any]", body) if isinstance(body, list) else [body]
        return [seen for item in items if (seen := self._note(item)) is not None]

    def note_actors(self, operation: str, answer: Answer) -> None:
        """Remember the teams and members in the answer to an operation that reads them."""
        named = _NAMED.get(operation)
        if named is None:
            return
        body: object = answer.body
        for item in cast("list[Any]", body) if isinstance(body, list) else [body]:
            key, name = named(cast("dict[str, Any]", item)) if isinstance(item, dict) else ("", "")
            if key:
                self.actors.put(key, name)

    def drop(self, issue: CachedIssue) -> None:
        """Forget an issue that was changed in a connection that no answer has shown."""
        for name in (issue.id, issue.label):
            self.issues.drop(name)

    async def issue(self, reference: str, transport: Transport, call: Call) -> CachedIssue:
        """An issue by id or short id, as last seen, or read now.

        Args:
            reference: As the call's path has it.
            transport: The connection to Sentry, past the gate.
            call: For whom it is read.

        Raises:
            SentryError: it could not be read.
        """
        seen = self.issues.get(reference)
        return seen or await self.read(reference, transport, call)

    async def read(self, reference: str, transport: Transport, call: Call) -> CachedIssue:
        """An issue as it is now.

        Raises:
            SentryError: it could not be read.
        """
        parameters = {"organization_id_or_slug": self.organization, "issue_id": reference}
        # Whether an issue is for review is only shown when it is asked for.
        query = (("expand", "inbox"),) if "inbox" in call.fields else ()
        answer = await transport.send(
            Call(OPERATIONS["issues.get"], parameters, query, lane=call.lane, fresh=call.fresh)
        )
        found = self.note(answer)
        seen = found[0] if found else CachedIssue(reference, f"issue {reference}", "", {})
        self.issues.put(reference, seen)
        return seen

    async def project(self, reference: str, transport: Transport, call: Call) -> str:
        """The slug of a project that is named by slug or id.

        Raises:
            SentryError: it could not be read.
        """
        if not reference.isdigit():
            return reference
        slug = self.projects.get(reference)
        if slug is None:
            parameters = {"organization_id_or_slug": self.organization, "project_id_or_slug": reference}
            answer = await transport.send(Call(OPERATIONS["projects.get"], parameters, lane=call.lane))
            body: object = answer.body
            slug = str(cast("dict[str, Any]", body).get("slug", "")) if isinstance(body, dict) else ""
            self.projects.put(reference, slug)
        return slug

    def _note(self, item: object) -> CachedIssue | None:
        if not isinstance(item, dict) or not {"shortId", "status"} <= cast("dict[str, Any]", item).keys():
            return None
        try:
            issue = Issue.model_validate(item)
        except ValidationError:
            return None
        project = issue.project.slug if issue.project else ""
        seen = CachedIssue(issue.id, issue.label, project, state(issue))
        for name in filter(None, (issue.id, issue.short_id)):
            self.issues.put(name, seen)
        if issue.project is not None:
            self.projects.put(issue.project.id, project)
        return seen


def _team(item: Mapping[str, Any]) -> tuple[str, str]:
    return (f"team:{item['id']}", f"team {item['slug']}") if {"id", "slug"} <= item.keys() else ("", "")


def _member(item: Mapping[str, Any]) -> tuple[str, str]:
    user: object = item.get("user")
    if not isinstance(user, dict) or "id" not in user:
        return "", ""
    known = cast("dict[str, Any]", user)
    name = item.get("email") or known.get("email") or known.get("name")
    return (f"user:{known['id']}", str(name)) if name else ("", "")


_NAMED: Final[Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]]] = {
    **dict.fromkeys(("teams.get", "teams.list", "teams.mine", "projects.teams"), _team),
    **dict.fromkeys(("members.get", "members.list", "teams.members", "projects.members"), _member),
}
"""The reads that show teams or members, and how one item of their answers is named."""
