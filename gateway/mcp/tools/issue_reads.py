"""The tools `search_issues` and `get_issue`."""

from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from gateway.mcp.event_text import EventText
from gateway.mcp.failures import ToolError, failure_of
from gateway.mcp.issue_reference import IssueName, issue_parameter
from gateway.mcp.issue_views import event_facts, event_text, issue_facts, issue_text, when
from gateway.mcp.schemas import FROM_EVENT, OBJECT, OBJECTS, TEXT
from gateway.mcp.tool import READS, Document, Tool, ToolArguments
from gateway.mcp.tool_context import ToolContext
from vedette.api.errors import BadRequest
from vedette.api.models import Issue
from vedette.api.paging import next_cursor
from vedette.api.resources._caller import validated
from vedette.api.response_parsing import as_list
from vedette.search import SearchSyntaxError, parse

_MOST: Final = 25
_MOST_TAG_VALUES: Final = 5
_MOST_COMMENTS: Final = 20
_MOST_ACTIVITIES: Final = 20


class SearchIssuesArguments(ToolArguments):
    """The arguments of `search_issues`."""

    query: Annotated[str, Field(max_length=1000)] = "is:unresolved"
    project: Annotated[str, Field(description="Slug; all granted projects unless given.")] | None = None
    sort: Literal["date", "new", "trends", "freq", "user"] | None = None
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 10
    cursor: Annotated[str, Field(max_length=200)] | None = None


class GetIssueArguments(ToolArguments):
    """The arguments of `get_issue`."""

    issue: IssueName
    include: list[Literal["event", "activity", "tags", "comments"]] = Field(default=[])


async def _search(context: ToolContext, arguments: SearchIssuesArguments) -> Document:
    projects = [arguments.project] if arguments.project else []
    pages = context.sentry.issues.search(
        arguments.query, project=projects, sort=arguments.sort, page_size=arguments.limit
    )
    cursor = (("cursor", arguments.cursor),) if arguments.cursor else ()
    call = replace(pages.call, query=(*pages.call.query, *cursor))
    try:
        answer = await context.send(call)
    except BadRequest as error:
        _explain(arguments.query, error)
        raise
    issues = [validated(Issue, each, call, answer) for each in as_list(call, answer)]
    texts = EventText()
    shown: Document = {
        "issues": [issue_facts(issue) for issue in issues],
        "next_cursor": next_cursor(answer.header("Link")),
        "from_event": {issue.label: issue_text(issue, texts) for issue in issues},
    }
    return {**{name: value for name, value in shown.items() if value is not None}, **texts.notes()}


def _explain(query: str, refused: BadRequest) -> None:
    """Say where a query that Sentry refused is wrong, as far as Vedette's own parser finds it.

    Raises:
        ToolError: It does.
    """
    try:
        parse(query)
    except SearchSyntaxError as error:
        at = f"column {error.position + 1} of the query: expected {error.expected}"
        failure = failure_of(refused, writes=False)
        raise ToolError(replace(failure, decision="invalid", instead=f"Correct {at}.")) from refused


async def _get(context: ToolContext, arguments: GetIssueArguments) -> Document:
    sentry, include = context.sentry, set(arguments.include)
    issue = await sentry.issues.get(issue_parameter(arguments.issue))
    texts = EventText()
    document: Document = {"issue": issue_facts(issue)}
    if "activity" in include:
        document["activity"] = [_activity(each) for each in issue.activity[:_MOST_ACTIVITIES]]
    # The event repeats the title and says more.
    event = await sentry.events.get_for_issue(issue.id) if "event" in include else None
    text: Document = {} if event is not None else issue_text(issue, texts)
    if event is not None:
        document["event"] = event_facts(event)
        text["event"] = event_text(event, texts, ("stack",))
    if "tags" in include:
        text["tags"] = [
            {
                "key": texts.text(tag.key, 200),
                "values": [texts.text(value.value or "", 200) for value in (tag.top_values or [])[:_MOST_TAG_VALUES]],
            }
            for tag in await sentry.issues.tags(issue.id)
        ]
    if "comments" in include:
        comments = await sentry.issues.comments(issue.id).collect(_MOST_COMMENTS)
        text["comments"] = [
            {
                "by": texts.text(each.user.name if each.user else "", 100),
                "at": when(each.date_created),
                "text": texts.text(each.text),
            }
            for each in comments
        ]
    return {**document, "from_event": text, **texts.notes()}


def _activity(activity: dict[str, Any]) -> Document:
    """Return what Sentry recorded of a change; who made it and its data are text of people."""
    return {"type": str(activity.get("type", ""))[:60], "at": str(activity.get("dateCreated", ""))[:30]}


SEARCH_ISSUES: Final = Tool(
    "search_issues",
    "Search issues by Sentry's query syntax, such as `is:unresolved level:fatal`.",
    SearchIssuesArguments,
    {"issues": OBJECTS, "next_cursor": TEXT, **FROM_EVENT},
    READS,
    _search,
    ("issues.search",),
)
GET_ISSUE: Final = Tool(
    "get_issue",
    "Read one issue; `include` adds its latest event with the stack, its activity, tags and comments.",
    GetIssueArguments,
    {"issue": OBJECT, "event": OBJECT, "activity": OBJECTS, **FROM_EVENT},
    READS,
    _get,
    ("issues.get",),
)
