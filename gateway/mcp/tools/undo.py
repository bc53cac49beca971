"""The tool `undo`: takes back a write of the agent's own, through the same gate as any write."""

from typing import Annotated, Final

from pydantic import Field

from gateway.mcp.audit_search import find_recorded
from gateway.mcp.failures import Failure, ToolError
from gateway.mcp.reasons import Reason
from gateway.mcp.tool import Document, Hints, Tool, ToolArguments
from gateway.mcp.tool_context import ToolContext
from gateway.mcp.tools.issue_writes import WRITTEN, write
from vedette.access.undo import plan_undo
from vedette.store.access.audit_log import AuditEntry


class UndoArguments(ToolArguments):
    """The arguments of `undo`."""

    audit: Annotated[int, Field(ge=1, description="The number that the write was answered with.")]
    reason: Reason


async def _undo(context: ToolContext, arguments: UndoArguments) -> Document:
    entry, outcome = await _own_entry(context, arguments.audit)
    plan = await plan_undo(context.connection, entry, outcome)
    if isinstance(plan, str):
        raise ToolError(Failure(plan, not_done=f"Entry {arguments.audit} was not undone."))
    reason = f"undo of entry {arguments.audit}: {arguments.reason}"
    parameters = {"issue_id": plan.issue.id}
    return await write(context, context.call("issues.update", parameters, body=plan.update.body(), reason=reason))


async def _own_entry(context: ToolContext, number: int) -> tuple[AuditEntry, AuditEntry | None]:
    """Return an entry of the agent's own.

    Raises:
        ToolError: There is none of this number; the same is said of the entries of others.
    """
    # Bounded, and an agent cannot have the whole audit read.
    recorded = await find_recorded(context.services.audit, lambda entry: entry.number == number, 1)
    found = recorded[0] if recorded else None
    project = "" if found is None else found[0].text("project")
    if (
        found is None
        or found[0].text("handler") != context.agent.principal.key
        or not (project and context.grant.covers_project(project))
        or found[0].text("integration") != context.connection.integration
    ):
        why = f"this agent has no write with the audit number {number}"
        raise ToolError(Failure(why, not_done="Nothing was undone.", instead="`why` lists the writes to an issue."))
    return found


UNDO: Final = Tool(
    "undo",
    "Take back one of your own writes, if the issue was not changed since.",
    UndoArguments,
    WRITTEN,
    Hints(destructive=True, idempotent=True),
    _undo,
    ("issues.update",),
)
