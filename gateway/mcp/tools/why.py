"""The tool `why`: the writes of rules, handlers, agents and people to an issue, and their reasons."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.mcp.audit_search import RecordedCall, find_recorded
from gateway.mcp.event_text import EventText
from gateway.mcp.issue_reference import IssueName, issue_parameter
from gateway.mcp.issue_views import moment_of
from gateway.mcp.schemas import FROM_EVENT, OBJECTS, TEXT
from gateway.mcp.tool import READS, Document, Tool, ToolArguments
from gateway.mcp.tool_context import ToolContext
from vedette._core.json_values import json_list, json_object
from vedette.api.models import Issue
from vedette.api.operations import OPERATIONS
from vedette.store.access.audit_log import AuditEntry
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.runs.run import Run
from vedette.store.runs.runs import Runs
from vedette.store.search.delivery_search import DeliveryQuery, DeliverySearch

_MOST_WRITES: Final = 30
_MOST_DELIVERIES: Final = 100
"""Number of the newest deliveries of the issue that are read."""
_MOST_RUNS: Final = 20
_MOST_ACTIVITIES: Final = 30
_PLAIN: Final = frozenset(
    {
        *("issues.update", "issues.update_many", "issues.update_in_project", "issues.comment"),
        *("issues.delete", "issues.delete_many", "issues.delete_in_project"),
    }
)
"""Operations with sentences that Vedette makes of ids and states; those of others repeat texts of their bodies."""
_CLAIM: Final = ' (as the handler says: "'
"""The beginning of the part of a sentence that a handler wrote."""


class WhyArguments(ToolArguments):
    """The arguments of `why`."""

    issue: IssueName


async def _why(context: ToolContext, arguments: WhyArguments) -> Document:
    # A caller that may not read the issue gets nothing about it.
    issue = await context.sentry.issues.get(issue_parameter(arguments.issue))
    texts = EventText()
    recorded = await find_recorded(context.services.audit, lambda entry: _is_about(entry, issue), _MOST_WRITES)
    waiting = [each for each in await context.services.proposals.waiting() if issue.id in each.issues]
    runs = await _runs(context, issue)
    own = context.connection.integration
    document = {
        "issue": issue.label,
        "writes": [_write(each, texts, context) for each in recorded if each.entry.text("integration") in {"", own}],
        "proposals": [
            {"proposal": each.id, "by": texts.text(each.handler), "at": moment_of(each.at)} for each in waiting
        ],
        "runs": [{"handler": each.handler, "state": each.state, "at": moment_of(each.queued)} for each in runs],
        "people": [_activity(each) for each in issue.activity[:_MOST_ACTIVITIES]],
    }
    # Handlers write titles of events into comments, messages, trackers and their own descriptions of a write.
    text = {
        "sentences": {
            str(each.entry.number): texts.text(each.entry.text("intent"), 500)
            for each in recorded
            if _sentence(each.entry) != each.entry.text("intent") and not _is_foreign(each.entry, context)
        },
        "runs": [[texts.text(note, 500) for note in each.did] for each in runs],
    }
    return {**document, "from_event": {name: value for name, value in text.items() if value}, **texts.notes()}


def _is_about(entry: AuditEntry, issue: Issue) -> bool:
    return entry.text("issue") == issue.id or issue.id in map(str, json_list(entry.facts.get("issues")))


def _is_foreign(entry: AuditEntry, context: ToolContext) -> bool:
    """Return whether a sentence may name issues of projects that are not granted."""
    return len(json_list(entry.facts.get("issues"))) > 1 and not context.grant.is_for_all_projects


def _sentence(entry: AuditEntry) -> str:
    """Return the part of a sentence that holds no text of events."""
    operation = OPERATIONS.get(entry.text("operation"))
    if entry.text("operation") in _PLAIN:
        return entry.text("intent").partition(_CLAIM)[0]
    if operation is not None:
        return f"called {operation.name}"
    return "sent a message" if entry.kind == "call" else "ordered"


def _write(recorded: RecordedCall, texts: EventText, context: ToolContext) -> Document:
    entry = recorded.entry
    foreign = _is_foreign(entry, context)
    decision = entry.text("decision")
    if foreign:
        # The reason of a denial may name a project of the others.
        decision = decision.partition(":")[0]
    sentence = "changed several issues, this one among them" if foreign else texts.text(_sentence(entry), 500)
    shown = {
        "audit": entry.number,
        "at": moment_of(entry.at),
        "by": texts.text(entry.text("handler"), 100),
        "rule": texts.text(entry.text("rule"), 100),
        "event": texts.text(entry.text("event"), 100),
        "what": sentence,
        "reason": texts.text(entry.text("because"), 300),
        "decision": texts.text(decision, 300),
        "result": recorded.result,
    }
    return {name: value for name, value in shown.items() if value}


def _activity(activity: Mapping[str, Any]) -> Document:
    user = json_object(activity.get("user"))
    shown = {
        "type": str(activity.get("type", ""))[:60],
        "at": str(activity.get("dateCreated", ""))[:30],
        "by": f"user:{user['id']}"[:40] if "id" in user else None,
    }
    return {name: value for name, value in shown.items() if value}


async def _runs(context: ToolContext, issue: Issue) -> list[Run]:
    tenant = context.connection.tenant
    search = DeliverySearch(context.redis, [tenant])
    named = await search.deliveries(DeliveryQuery(issue=issue.id), limit=_MOST_DELIVERIES)
    deliveries = await Deliveries(context.redis).summaries(named.ids)
    # Another Sentry has an issue of the same id.
    about = [each for each in deliveries if each.tenant in {"", tenant}][:_MOST_RUNS]
    found = await Runs(context.redis).of([(each.id, each.runs or ()) for each in about])
    return [run for each in about for run in found[each.id]][:_MOST_RUNS]


WHY: Final = Tool(
    "why",
    "Show what rules, handlers, agents and people did to an issue, and why.",
    WhyArguments,
    {"issue": TEXT, "writes": OBJECTS, "proposals": OBJECTS, "runs": OBJECTS, "people": OBJECTS, **FROM_EVENT},
    READS,
    _why,
    ("issues.get",),
)
