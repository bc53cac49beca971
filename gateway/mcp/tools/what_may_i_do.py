"""The tool `what_may_i_do`: the agent's permissions, modes, budgets and open proposals."""

from datetime import UTC
from typing import Any, Final

from gateway.mcp.issue_views import moment_of, when
from gateway.mcp.schemas import NUMBER, OBJECT, TEXT, TEXTS
from gateway.mcp.tool import READS_VEDETTE, Document, NoArguments, Tool
from gateway.mcp.tool_context import ToolContext
from vedette.store.access.write_budgets import EVERY_PRINCIPAL

_MOST_PROPOSALS: Final = 200
"""Number of the newest proposals among which the own ones are counted."""


async def _what_may_i_do(context: ToolContext, arguments: NoArguments) -> Document:
    del arguments
    agent, grant = context.agent, context.grant
    key, services = agent.principal.key, context.services
    pauses = [pause for pause in await services.budgets.pauses() if pause.principal in {key, EVERY_PRINCIPAL}]
    waiting = [each for each in await services.proposals.waiting(_MOST_PROPOSALS) if each.handler == key]
    written = await services.budgets.written(key)
    answer: dict[str, Any] = {
        "agent": agent.name,
        "organization": context.connection.organization,
        "mode": agent.settings.mode,
        "modes": dict(agent.settings.modes),
        "after_reading_events": agent.settings.untrusted,
        "areas": {name: level for name, level in agent.settings.may.levels().items() if level != "off"},
        "operations": _by_group(grant.operations),
        "projects": list(grant.projects),
        "fields": list(grant.fields),
        "hidden": list(grant.hide),
        "limits": _limits(context, written),
        "paused_by": pauses[0].by if pauses else "",
        "open_proposals": len(waiting),
        "token_ends": _end(context),
    }
    return {name: value for name, value in answer.items() if value not in ("", None, [], {})}


def _by_group(operations: tuple[str, ...]) -> dict[str, str]:
    """Return the granted operations by their group."""
    groups: dict[str, list[str]] = {}
    for name in operations:
        group, _, verb = name.partition(".")
        groups.setdefault(group, []).append(verb)
    return {group: " ".join(verbs) for group, verbs in groups.items()}


def _limits(context: ToolContext, written: int) -> Document:
    grant = context.grant
    left = None if grant.writes_per_hour is None else max(0, grant.writes_per_hour - written)
    limits = {
        "issues_at_once": grant.bulk,
        "writes_per_hour": grant.writes_per_hour,
        "writes_left_this_hour": left,
        "writes_per_issue_per_hour": grant.writes_per_issue_per_hour,
        "reads_per_hour": grant.reads_per_hour,
    }
    return {name: value for name, value in limits.items() if value is not None}


def _end(context: ToolContext) -> str | None:
    """Return the end of the token: its own, or that of its agent."""
    agent = context.agent
    own = moment_of(agent.token.expires or 0)
    of_agent = None if agent.settings.expires is None else when(agent.settings.expires.astimezone(UTC))
    return min(filter(None, (own, of_agent)), default=None)


WHAT_MAY_I_DO: Final = Tool(
    "what_may_i_do",
    "Show your grant: areas, projects, mode, limits. Call it first.",
    NoArguments,
    {
        "agent": TEXT,
        "mode": TEXT,
        "areas": OBJECT,
        "operations": OBJECT,
        "projects": TEXTS,
        "limits": OBJECT,
        "open_proposals": NUMBER,
    },
    READS_VEDETTE,
    _what_may_i_do,
    is_recorded=True,
)
