"""The tools `update_issue`, `update_issues` and `comment`."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from gateway.mcp.failures import refuse_held
from gateway.mcp.issue_reference import IssueName, issue_parameter
from gateway.mcp.reasons import Reason
from gateway.mcp.schemas import NUMBER, TEXT
from gateway.mcp.tool import Document, Hints, Tool, ToolArguments
from gateway.mcp.tool_context import ToolContext
from vedette.access.sentences import sentence_of
from vedette.api.assignee_lookup import AssigneeLookup
from vedette.api.call import Answer, Call
from vedette.api.issue_update import NOBODY, InvalidUpdateError, IssueUpdate
from vedette.api.resources._caller import ApiCaller

_MOST_ISSUES: Final = 1000
WRITTEN: Final = {"done": TEXT, "audit": NUMBER}
"""The properties of the answer to a write that was sent: a sentence, and the number of its entry in the audit."""


class IssueChange(ToolArguments):
    """A change of issues; fields that are not given are unchanged."""

    status: Literal["resolved", "unresolved", "archived", "archived_forever"] | None = None
    release: Annotated[str, Field(max_length=250, description="Resolved in this version, or `next`.")] | None = None
    minutes: Annotated[int, Field(ge=1, description="Archived for so long.")] | None = None
    assign_to: (
        Annotated[str, Field(max_length=200, description="user:7, team:2, #team-slug, an e-mail address or nobody.")]
        | None
    ) = None
    priority: Literal["low", "medium", "high"] | None = None
    reviewed: Literal[True] | None = None
    reason: Reason


class UpdateIssueArguments(IssueChange):
    """The arguments of `update_issue`."""

    issue: IssueName


class UpdateIssuesArguments(IssueChange):
    """The arguments of `update_issues`."""

    issues: Annotated[list[IssueName], Field(min_length=1, max_length=_MOST_ISSUES)]


class CommentArguments(ToolArguments):
    """The arguments of `comment`."""

    issue: IssueName
    text: Annotated[str, Field(min_length=1, max_length=10_000, description="Markdown.")]
    reason: Reason


async def update_of(context: ToolContext, change: IssueChange) -> IssueUpdate:
    """Return the update that a change is.

    Raises:
        InvalidUpdateError: It changes nothing, or its parts do not fit together.
        UnknownAssigneeError: No user or team has the name.
        SentryError: The assignee could not be looked up.
    """
    details: dict[str, Any] = {}
    if change.release is not None:
        details |= {"inNextRelease": True} if change.release == "next" else {"inRelease": change.release}
    if change.minutes is not None:
        details["ignoreDuration"] = change.minutes
    archived = change.status in {"archived", "archived_forever"}
    update = IssueUpdate(
        status="ignored" if archived else change.status,  # type: ignore[arg-type]
        substatus="archived_forever" if change.status == "archived_forever" else None,
        status_details=details,
        assigned_to=await _assignee(context, change.assign_to),
        priority=change.priority,
        for_review=False if change.reviewed else None,
    )
    if not update.body():
        raise InvalidUpdateError("This changes nothing: give status, assign_to, priority or reviewed.")
    return update


async def _assignee(context: ToolContext, name: str | None) -> str | None:
    if name is None:
        return None
    if name.casefold() == "nobody":
        return NOBODY
    kind, _, number = name.partition(":")
    if kind in {"user", "team"} and number.isdecimal():
        return name
    caller = ApiCaller(context, context.connection.organization, memory=context.memory)
    return (await AssigneeLookup(caller).find(name)).key


async def write(context: ToolContext, call: Call) -> Document:
    """Send a write, and return the answer to it.

    Raises:
        HeldBackError: It was not sent.
    """
    return written(context, call, await context.send(call))


def written(context: ToolContext, call: Call, answer: Answer) -> Document:
    """Return the answer to a write.

    Raises:
        HeldBackError: It was not sent.
    """
    refuse_held(answer)
    return {"done": sentence(context, call), **_entry(answer)}


def sentence(context: ToolContext, call: Call) -> str:
    """Return a write in plain English; its issues are known, as the gate has read them."""
    cache = context.connection.issue_cache
    named = [call.parameters["issue_id"]] if "issue_id" in call.parameters else [v for n, v in call.query if n == "id"]
    return sentence_of(call, [seen for name in named if (seen := cache.issues.get(name)) is not None], cache)


def _entry(answer: Answer) -> Document:
    return {} if answer.audit is None else {"audit": answer.audit}


async def _update(context: ToolContext, arguments: UpdateIssueArguments) -> Document:
    update = await update_of(context, arguments)
    parameters = {"issue_id": issue_parameter(arguments.issue)}
    return await write(context, context.call("issues.update", parameters, body=update.body(), reason=arguments.reason))


async def _comment(context: ToolContext, arguments: CommentArguments) -> Document:
    parameters = {"issue_id": issue_parameter(arguments.issue)}
    body = {"text": arguments.text}
    return await write(context, context.call("issues.comment", parameters, body=body, reason=arguments.reason))


UPDATE_ISSUE: Final = Tool(
    "update_issue",
    "Resolve, reopen, archive, assign, prioritise or review an issue.",
    UpdateIssueArguments,
    WRITTEN,
    Hints(destructive=True, idempotent=True),
    _update,
    ("issues.update",),
)
COMMENT: Final = Tool(
    "comment",
    "Comment on an issue.",
    CommentArguments,
    WRITTEN,
    Hints(),
    _comment,
    ("issues.comment",),
)
