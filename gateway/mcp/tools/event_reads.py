"""The tools `list_events` and `get_event`."""

from dataclasses import replace
from typing import Annotated, Final, Literal

from pydantic import Field

from gateway.mcp.event_text import EventText
from gateway.mcp.issue_reference import IssueName, issue_parameter
from gateway.mcp.issue_views import event_facts, event_text
from gateway.mcp.schemas import FROM_EVENT, OBJECT, OBJECTS, TEXT
from gateway.mcp.tool import READS, Document, Tool, ToolArguments
from gateway.mcp.tool_context import ToolContext
from vedette.api.models import EventSummary
from vedette.api.paging import next_cursor
from vedette.api.resources._caller import validated
from vedette.api.response_parsing import as_list

_MOST: Final = 25


class ListEventsArguments(ToolArguments):
    """The arguments of `list_events`."""

    issue: IssueName
    query: Annotated[str, Field(max_length=1000)] = ""
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 10
    cursor: Annotated[str, Field(max_length=200)] | None = None


class GetEventArguments(ToolArguments):
    """The arguments of `get_event`."""

    issue: IssueName
    event: Annotated[
        str, Field(pattern=r"^(latest|oldest|recommended|[0-9a-fA-F]{32})$", description="latest, oldest or an id.")
    ] = "latest"
    include: list[Literal["stack", "breadcrumbs", "request"]] = Field(default=["stack"])


async def _list(context: ToolContext, arguments: ListEventsArguments) -> Document:
    pages = context.sentry.events.list_for_issue(
        issue_parameter(arguments.issue), query=arguments.query or None, page_size=arguments.limit
    )
    cursor = (("cursor", arguments.cursor),) if arguments.cursor else ()
    call = replace(pages.call, query=(*pages.call.query, *cursor))
    answer = await context.send(call)
    events = [validated(EventSummary, each, call, answer) for each in as_list(call, answer)][: arguments.limit]
    texts = EventText()
    document: Document = {
        "events": [event_facts(event) for event in events],
        "from_event": {event.event_id or event.id: event_text(event, texts) for event in events},
    }
    following = next_cursor(answer.header("Link"))
    return {**document, **({"next_cursor": following} if following else {}), **texts.notes()}


async def _get(context: ToolContext, arguments: GetEventArguments) -> Document:
    event = await context.sentry.events.get_for_issue(issue_parameter(arguments.issue), arguments.event.lower())
    texts = EventText()
    return {
        "event": event_facts(event),
        "from_event": event_text(event, texts, arguments.include),
        **texts.notes(),
    }


LIST_EVENTS: Final = Tool(
    "list_events",
    "List the events of an issue, newest first.",
    ListEventsArguments,
    {"events": OBJECTS, "next_cursor": TEXT, **FROM_EVENT},
    READS,
    _list,
    ("events.list_for_issue",),
)
GET_EVENT: Final = Tool(
    "get_event",
    "Read one event of an issue.",
    GetEventArguments,
    {"event": OBJECT, **FROM_EVENT},
    READS,
    _get,
    ("events.get_for_issue",),
)
