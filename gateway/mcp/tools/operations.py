"""The tools `search_operations`, `read_operation` and `write_operation`, for operations without a tool of their own."""

import re
from typing import Annotated, Any, Final

from pydantic import Field, WithJsonSchema

from gateway.mcp.event_text import EventText
from gateway.mcp.failures import ToolError, invalid
from gateway.mcp.reasons import Reason
from gateway.mcp.schemas import FROM_EVENT, NUMBER, OBJECTS, TEXT
from gateway.mcp.tool import READS, READS_VEDETTE, Document, Hints, Tool, ToolArguments
from gateway.mcp.tool_context import ToolContext
from gateway.mcp.tools.issue_writes import WRITTEN, written
from gateway.mcp.tools.proposals import WRITES
from gateway.rest.bulk_repair import is_bulk, repaired
from vedette._core.nearest_name import did_you_mean
from vedette._core.printable import cropped, printable
from vedette.access.agents.untrusted_text import shows_untrusted_text
from vedette.api.call import Call
from vedette.api.operations import OPERATIONS, Operation
from vedette.api.paging import next_cursor

_READS: Final = tuple(name for name, operation in OPERATIONS.items() if not operation.writes)
_MOST: Final = 20
_ORGANIZATION: Final = "organization_id_or_slug"
_CHARACTERS: Final = 40_000
"""Characters of the answer to an operation that are shown."""
Value = str | int | bool
Name = Annotated[str, Field(max_length=60, description="Such as releases.get; see search_operations.")]
Parameters = Annotated[dict[str, str], Field(description="Of the path, the organization aside.")]


class SearchOperationsArguments(ToolArguments):
    """The arguments of `search_operations`."""

    words: Annotated[str, Field(max_length=200)]


class ReadOperationArguments(ToolArguments):
    """The arguments of `read_operation`."""

    operation: Name
    parameters: Parameters = Field(default_factory=dict[str, str])
    query: Annotated[dict[str, Value | list[Value]], WithJsonSchema({"type": "object"})] = Field(
        default_factory=dict[str, Value | list[Value]]
    )


class WriteOperationArguments(ReadOperationArguments):
    """The arguments of `write_operation`."""

    body: dict[str, Any] | None = None
    reason: Reason


async def _search(context: ToolContext, arguments: SearchOperationsArguments) -> Document:
    words = re.findall(r"\w+", arguments.words.casefold())
    scored = [(_score(each, words), each) for each in OPERATIONS.values() if each.name in context.grant.operations]
    best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].name))
    return {"operations": [_shown(operation) for _, operation in best[:_MOST]]}


def _score(operation: Operation, words: list[str]) -> int:
    name, summary = operation.name.casefold(), operation.summary.casefold()
    return sum(2 * (word in name) + (word in summary) for word in words)


def _shown(operation: Operation) -> Document:
    parameters = [each for each in operation.parameters if each != _ORGANIZATION]
    shown: Document = {
        "name": operation.name,
        "does": operation.summary,
        "writes": operation.writes,
        "parameters": parameters,
        "note": operation.note,
    }
    return {name: value for name, value in shown.items() if value not in ("", [])}


async def _read(context: ToolContext, arguments: ReadOperationArguments) -> Document:
    answer = await context.send(_call(context, arguments, writes=False))
    texts = EventText(_CHARACTERS)
    following = next_cursor(answer.header("Link"))
    document: Document = {"status": answer.status, "from_event": {"answer": texts.json(answer.body)}}
    return {**document, **({"next_cursor": following} if following else {}), **texts.notes()}


async def _write(context: ToolContext, arguments: WriteOperationArguments) -> Document:
    call = _call(context, arguments, writes=True, body=arguments.body, reason=arguments.reason)
    if is_bulk(call):
        call = await _named(call, context)
    answer = await context.send(call)
    document = written(context, call, answer)
    if shows_untrusted_text(call.operation) or answer.body is None:
        # Such as the title of a changed issue: a caller that wants it reads the issue, to which the rule applies.
        return document
    texts = EventText(_CHARACTERS)
    return {**document, "from_event": {"answer": texts.json(answer.body)}, **texts.notes()}


async def _named(call: Call, context: ToolContext) -> Call:
    """Return a call to several issues so that it changes those that it names, and never what a search finds.

    Raises:
        ToolError: It names none.
    """
    if not any(name == "id" for name, _ in call.query):
        why = f"{call.operation.name} would change whatever a search finds"
        raise ToolError(invalid(why, 'Name the issues by their numeric ids, `"query": {"id": ["1", "2"]}`.'))
    named = await repaired(call, context.grant.bulk, context.send)
    assert isinstance(named, Call), "a call that names issues is not searched for"
    return named


def _call(
    context: ToolContext,
    arguments: ReadOperationArguments,
    *,
    writes: bool,
    body: dict[str, Any] | None = None,
    reason: str = "",
) -> Call:
    """Return the call that arguments describe.

    Raises:
        ToolError: There is no such operation, or its parameters are others.
    """
    operation = OPERATIONS.get(arguments.operation)
    if operation is None or operation.writes != writes:
        kind, known = ("write", WRITES) if writes else ("read", _READS)
        named = printable(arguments.operation)
        why = f"there is no {kind} operation {named}{did_you_mean(named, known)}"
        raise ToolError(invalid(why, "`search_operations` finds operations by words."))
    if operation.answers == "bytes":
        why = f"{operation.name} answers with a file, which no tool can show"
        raise ToolError(invalid(why, "Download it through the gateway's REST API, at /api/0/."))
    wanted = set(operation.parameters)
    missing, more = wanted - {_ORGANIZATION} - set(arguments.parameters), set(arguments.parameters) - wanted
    if missing or more:
        listed = ", ".join(each for each in operation.parameters if each != _ORGANIZATION) or "no parameters"
        unknown = f", and not {cropped(printable(', '.join(sorted(more))), 100)}" if more else ""
        raise ToolError(invalid(f"{operation.name} takes {listed}{unknown}"))
    return context.call(operation.name, arguments.parameters, query=arguments.query, body=body, reason=reason)


SEARCH_OPERATIONS: Final = Tool(
    "search_operations",
    "Find further operations of Sentry's API that you are granted, by words.",
    SearchOperationsArguments,
    {"operations": OBJECTS},
    READS_VEDETTE,
    _search,
    (*_READS, *WRITES),
    is_recorded=True,
)
READ_OPERATION: Final = Tool(
    "read_operation",
    "Call an operation that reads; all of Sentry's answer is in from_event.",
    ReadOperationArguments,
    {"status": NUMBER, "next_cursor": TEXT, **FROM_EVENT},
    READS,
    _read,
    _READS,
)
WRITE_OPERATION: Final = Tool(
    "write_operation",
    "Call an operation that writes.",
    WriteOperationArguments,
    WRITTEN | FROM_EVENT,
    Hints(destructive=True),
    _write,
    WRITES,
)
