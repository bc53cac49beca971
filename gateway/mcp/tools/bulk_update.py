"""The tool `update_issues`: one change of several issues.

If the change would be sent, each issue is updated by a call of its own, which can be undone separately. If it would be
held back or denied, one call for each project is sent through the gate, so that a person decides once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from redis.exceptions import RedisError

from gateway.mcp.failures import Failure, ToolError, failure_of
from gateway.mcp.issue_reference import issue_parameter
from gateway.mcp.schemas import OBJECTS, TEXTS
from gateway.mcp.tool import Document, Hints, Tool
from gateway.mcp.tool_context import ToolContext
from gateway.mcp.tools.issue_writes import UpdateIssuesArguments, update_of, write
from vedette._core.user_error import UserError
from vedette.access.issue_cache import CachedIssue
from vedette.api.call import Call
from vedette.api.errors import NotFound
from vedette.api.issue_update import IssueUpdate
from vedette.api.resources.issue_bulk import FINDS_NOTHING


async def _update(context: ToolContext, arguments: UpdateIssuesArguments) -> Document:
    update = await update_of(context, arguments)
    names = list(dict.fromkeys(map(issue_parameter, arguments.issues)))
    bound = context.grant.bulk
    if bound is not None and len(names) > bound:
        # The gate denies and records it.
        return {"done": [await write(context, _bulk(context, names, update, arguments.reason))], "not_done": []}
    outcome = _Outcome()
    for group in _by_project(await _read(context, names)):
        call = _bulk(context, [each.id for each in group], update, arguments.reason, _project(context, group[0]))
        if (await context.preview(call)).would_send:
            for issue in group:
                parameters = {"issue_id": issue.id}
                one = context.call("issues.update", parameters, body=update.body(), reason=arguments.reason)
                await outcome.add(context, one, issue.label)
        else:
            await outcome.add(context, call, ", ".join(each.label for each in group))
    return outcome.document()


@dataclass
class _Outcome:
    """The outcome of the calls so far."""

    done: list[Document] = field(default_factory=list[Document])
    errors: list[tuple[str, Exception]] = field(default_factory=list[tuple[str, Exception]])

    async def add(self, context: ToolContext, call: Call, labels: str) -> None:
        """Send a call, and keep its outcome."""
        try:
            self.done.append(await write(context, call))
        except (UserError, RedisError) as error:
            self.errors.append((labels, error))

    def document(self) -> Document:
        """Return the outcome of all calls.

        Raises:
            UserError: None was sent; the error is that of the last.
            redis.exceptions.RedisError: The same.
        """
        if self.errors and not self.done:
            raise self.errors[-1][1]
        return {"done": self.done, "not_done": [_why(labels, error) for labels, error in self.errors]}


def _why(labels: str, error: Exception) -> str:
    failure = failure_of(error, writes=True)
    return f"{labels}: {failure.why}. {failure.retry}"


def _bulk(context: ToolContext, ids: Sequence[str], update: IssueUpdate, reason: str, project: str = "") -> Call:
    """Return the call for some issues of one project; its search finds nothing, in case the ids are out of date."""
    query = {"id": tuple(ids), "project": project or None, "query": FINDS_NOTHING}
    return context.call("issues.update_many", query=query, body=update.body(), reason=reason)


async def _read(context: ToolContext, names: Sequence[str]) -> list[CachedIssue]:
    """Return the issues, as the gate knows them; the agent is shown nothing of them before the gate has decided.

    Raises:
        ToolError: One of them does not exist.
        SentryError: One could not be read.
    """
    found: dict[str, CachedIssue] = {}
    probe = context.call("issues.update_many")
    for name in names:
        try:
            issue = await context.connection.issue_cache.issue(name, context.connection.transport, probe)
        except NotFound as error:
            why = f"there is no issue {name}, or this agent's integration does not reach it"
            raise ToolError(Failure(why, not_done="No issue was changed.", instead="Leave it out.")) from error
        found[issue.id] = issue
    return list(found.values())


def _by_project(issues: Sequence[CachedIssue]) -> list[list[CachedIssue]]:
    groups: dict[str, list[CachedIssue]] = {}
    for issue in issues:
        groups.setdefault(issue.project, []).append(issue)
    return list(groups.values())


def _project(context: ToolContext, issue: CachedIssue) -> str:
    """Return the id of an issue's project, which older servers want; the slug where no answer has shown the id."""
    known = context.connection.issue_cache.projects
    return next((number for number, slug in known.items() if slug == issue.project), issue.project)


UPDATE_ISSUES: Final = Tool(
    "update_issues",
    "Make the same change to several issues; each can be undone by its own audit number.",
    UpdateIssuesArguments,
    {"done": OBJECTS, "not_done": TEXTS},
    Hints(destructive=True, idempotent=True),
    _update,
    ("issues.update_many",),
)
