"""Caches the project, label and state of issues, as Sentry's answers have shown them.

The gate relies on these and never on the claims of a call. Most writes follow a read of the same issue through the
gate, so that a further request is seldom needed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cachetools import TTLCache
from pydantic import ValidationError

from vedette._core.json_values import json_list, json_object
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
    """The values of its fields, named as in the body of an update."""


@dataclass(frozen=True, slots=True)
class IssueCache:
    """A cache of issues, projects and actors, shared by the runs of one integration."""

    organization: str
    issues: TTLCache[str, CachedIssue] = field(default_factory=lambda: TTLCache[str, CachedIssue](10_000, ttl=60.0))
    projects: TTLCache[str, str] = field(default_factory=lambda: TTLCache[str, str](1_000, ttl=300.0))
    """Id -> slug."""
    actors: TTLCache[str, str] = field(default_factory=lambda: TTLCache[str, str](5_000, ttl=900.0))
    """`team:2`, `user:7` -> the name that people use."""

    def actor(self, key: str) -> str | None:
        """Return the name of a team or a member as Sentry's answers have it; None where none has."""
        return self.actors.get(key)

    def note(self, answer: Answer) -> list[CachedIssue]:
        """Cache every issue in an answer, and return them."""
        body: object = answer.body
        items = json_list(body) if isinstance(body, list) else [body]
        return [seen for item in items if (seen := self._note(item)) is not None]

    def note_actors(self, operation: str, answer: Answer) -> None:
        """Cache the teams and members in the answer to an operation that reads them."""
        named = _NAMED.get(operation)
        if named is None:
            return
        body: object = answer.body
        for item in json_list(body) if isinstance(body, list) else [body]:
            key, name = named(json_object(item)) if isinstance(item, dict) else ("", "")
            if key:
                self.actors[key] = name

    def drop(self, issue: CachedIssue) -> None:
        """Drop an issue after a change that no answer has shown."""
        for name in (issue.id, issue.label):
            self.issues.pop(name, None)

    async def issue(self, reference: str, transport: Transport, call: Call) -> CachedIssue:
        """Return an issue by id or short id, from the cache or from Sentry.

        Args:
            reference: As the call's path has it.
            transport: The connection to Sentry, past the gate.
            call: The call that needs it; its priority and fields apply.

        Raises:
            SentryError: It could not be read.
        """
        seen = self.issues.get(reference)
        return seen or await self.read(reference, transport, call)

    async def read(self, reference: str, transport: Transport, call: Call) -> CachedIssue:
        """Read an issue from Sentry.

        Raises:
            SentryError: It could not be read.
        """
        parameters = {"organization_id_or_slug": self.organization, "issue_id": reference}
        # Whether an issue is for review is only shown when it is asked for.
        query = (("expand", "inbox"),) if "inbox" in call.fields else ()
        answer = await transport.send(
            Call(OPERATIONS["issues.get"], parameters, query, lane=call.lane, fresh=call.fresh)
        )
        found = self.note(answer)
        seen = found[0] if found else CachedIssue(reference, f"issue {reference}", "", {})
        self.issues[reference] = seen
        return seen

    async def project(self, reference: str, transport: Transport, call: Call) -> str:
        """Return the slug of a project by its slug or id.

        Raises:
            SentryError: It could not be read.
        """
        if not reference.isdigit():
            return reference
        slug = self.projects.get(reference)
        if slug is None:
            parameters = {"organization_id_or_slug": self.organization, "project_id_or_slug": reference}
            answer = await transport.send(Call(OPERATIONS["projects.get"], parameters, lane=call.lane))
            body: object = answer.body
            slug = str(json_object(body).get("slug", "")) if isinstance(body, dict) else ""
            self.projects[reference] = slug
        return slug

    def _note(self, item: object) -> CachedIssue | None:
        if not isinstance(item, dict) or not {"shortId", "status"} <= json_object(item).keys():
            return None
        try:
            issue = Issue.model_validate(item)
        except ValidationError:
            return None
        project = issue.project.slug if issue.project else ""
        seen = CachedIssue(issue.id, issue.label, project, state(issue))
        for name in filter(None, (issue.id, issue.short_id)):
            self.issues[name] = seen
        if issue.project is not None:
            self.projects[issue.project.id] = project
        return seen


def _team(item: Mapping[str, Any]) -> tuple[str, str]:
    return (f"team:{item['id']}", f"team {item['slug']}") if {"id", "slug"} <= item.keys() else ("", "")


def _member(item: Mapping[str, Any]) -> tuple[str, str]:
    user: object = item.get("user")
    if not isinstance(user, dict) or "id" not in user:
        return "", ""
    known = json_object(user)
    name = item.get("email") or known.get("email") or known.get("name")
    return (f"user:{known['id']}", str(name)) if name else ("", "")


_NAMED: Final[Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]]] = {
    **dict.fromkeys(("teams.get", "teams.list", "teams.mine", "projects.teams"), _team),
    **dict.fromkeys(("members.get", "members.list", "teams.members", "projects.members"), _member),
}
"""The reads that show teams or members, and how one item of their answers is named."""
