"""The tool `dry_run`: says what the gate would do with a write, and sends nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from pydantic import Field

from gateway.mcp.event_text import EventText
from gateway.mcp.failures import ToolError, invalid
from gateway.mcp.schemas import OBJECTS
from gateway.mcp.tool import READS, Document, Tool, ToolArguments
from gateway.mcp.tool_context import ToolContext
from gateway.mcp.tools.bulk_update import UPDATE_ISSUES
from gateway.mcp.tools.issue_writes import COMMENT, UPDATE_ISSUE
from gateway.mcp.tools.operations import WRITE_OPERATION
from gateway.mcp.tools.proposals import WRITES
from gateway.mcp.tools.undo import UNDO
from vedette._core.printable import printable
from vedette.access.agents.preview import Preview

_WRITERS: Final[Mapping[str, Tool[Any]]] = {
    tool.name: tool for tool in (UPDATE_ISSUE, UPDATE_ISSUES, COMMENT, UNDO, WRITE_OPERATION)
}


class DryRunArguments(ToolArguments):
    """The arguments of `dry_run`."""

    tool: Annotated[str, Field(max_length=60, description="A tool that writes, such as update_issue.")]
    arguments: Annotated[dict[str, Any], Field(description="Its arguments, with the reason.")]


async def _dry_run(context: ToolContext, arguments: DryRunArguments) -> Document:
    tool: Tool[Any] | None = _WRITERS.get(arguments.tool)
    if tool is None or not tool.is_for(context.grant):
        writers = ", ".join(name for name, each in _WRITERS.items() if each.is_for(context.grant))
        raise ToolError(invalid(f"{printable(arguments.tool)} is no tool of yours that writes: {writers}"))
    previews: list[Preview] = []
    await tool.run(replace(context, previews=previews), tool.arguments.model_validate(arguments.arguments))
    texts = EventText()
    return {"would": [_shown(each, texts) for each in previews]}


def _shown(preview: Preview, texts: EventText) -> Document:
    allow = preview.denial.remedy if preview.denial is not None else ""
    shown = {
        "would_send": preview.would_send,
        "decision": texts.text(preview.decision),
        "write": texts.text(preview.intent),
        "before": texts.json(dict(preview.before)),
        "after": texts.json(dict(preview.after)),
        "to_allow": f"An operator can allow it: {texts.text(allow)}." if allow else "",
    }
    return {name: value for name, value in shown.items() if value not in ("", {})}


DRY_RUN: Final = Tool(
    "dry_run",
    "Say what a write would change, and whether it would be sent, proposed or denied; sends nothing.",
    DryRunArguments,
    {"would": OBJECTS},
    READS,
    _dry_run,
    WRITES,
    is_recorded=True,
)
