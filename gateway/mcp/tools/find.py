"""The tool `find`: projects, teams, members, releases and environments by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from gateway.mcp.event_text import EventText
from gateway.mcp.schemas import FROM_EVENT, OBJECTS
from gateway.mcp.tool import READS, Document, Tool, ToolArguments
from gateway.mcp.tool_context import ToolContext
from vedette._core.json_values import json_list, json_object
from vedette.api.call import Query

_MOST: Final = 50
_SHORT: Final = 200


class FindArguments(ToolArguments):
    """The arguments of `find`."""

    what: Literal["projects", "teams", "members", "releases", "environments"]
    name: Annotated[str, Field(max_length=200, description="A part of the name.")] = ""


@dataclass(frozen=True)
class _Kind:
    """A kind of thing that can be found."""

    operation: str
    query: Callable[[str], Query]
    facts: tuple[str, ...]
    """Fields with values that Sentry itself makes: ids, slugs, dates."""
    text: tuple[str, ...]
    """Fields with values that people or events wrote."""


_KINDS: Final[Mapping[str, _Kind]] = {
    "projects": _Kind(
        "organizations.projects",
        lambda name: {"query": name or None},
        ("id", "slug", "dateCreated"),
        ("name", "platform"),
    ),
    "teams": _Kind("teams.list", lambda name: {"query": name or None}, ("id", "slug", "memberCount"), ("name",)),
    "members": _Kind("members.list", lambda name: {"query": name or None}, ("id", "orgRole"), ("name", "email")),
    "releases": _Kind(
        "releases.list",
        lambda name: {"query": name or None, "per_page": _MOST},
        ("dateCreated", "dateReleased", "newGroups"),
        ("version",),
    ),
    "environments": _Kind("organizations.environments", lambda _: {}, ("id",), ("name",)),
}


async def _find(context: ToolContext, arguments: FindArguments) -> Document:
    kind = _KINDS[arguments.what]
    answer = await context.send(context.call(kind.operation, query=kind.query(arguments.name)))
    found = [json_object(each) for each in json_list(answer.body)]
    wanted = arguments.name.casefold()
    fitting = [each for each in found if _fits(each, kind, wanted)]
    texts = EventText()
    shown = fitting[:_MOST]
    text = [{name: texts.text(each[name], _SHORT) for name in kind.text if each.get(name)} for each in shown]
    facts = [_facts(each, kind) for each in shown]
    more = {"more": len(fitting) - _MOST} if len(fitting) > _MOST else {}
    return {"found": facts, **more, "from_event": {"found": text}, **texts.notes()}


def _fits(item: Mapping[str, Any], kind: _Kind, wanted: str) -> bool:
    return not wanted or any(wanted in str(item.get(name, "")).casefold() for name in (*kind.facts, *kind.text))


def _facts(item: Mapping[str, Any], kind: _Kind) -> Document:
    facts = {name: item[name] for name in kind.facts if isinstance(item.get(name), str | int)}
    user = json_object(item.get("user"))
    # Assigning takes the id of the user, not the one of the membership.
    return {**facts, "assign_to": f"user:{user['id']}"} if "id" in user else facts


FIND: Final = Tool(
    "find",
    "Find projects, teams, members, releases or environments; names are in from_event, in the same order.",
    FindArguments,
    {"found": OBJECTS, **FROM_EVENT},
    READS,
    _find,
    tuple(kind.operation for kind in _KINDS.values()),
)
