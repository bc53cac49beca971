"""Rewrites calls that change several issues, so that they change the issues they name and no others.

If none of the ids of such a call is in scope, or it has no ids at all, Sentry runs a search (`is:unresolved` unless it
is given) and changes up to 1,000 issues that it finds. Therefore a search is carried out first, as a read of the agent,
and the call names the issues found; its own search is one that finds nothing.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.rejections import UnusableQueryError
from vedette._core.json_values import json_list, json_object
from vedette.api.call import Answer, Call
from vedette.api.operations import OPERATIONS
from vedette.api.resources.issue_bulk import FINDS_NOTHING, MOST
from vedette.permissions.authorization import BULK

_ID: Final = re.compile(r"[0-9]{1,20}")
_SCOPE: Final = frozenset({"project", "environment", "start", "end", "statsPeriod", "utc"})
"""Parameters that limit a search, besides the search itself."""
_DEFAULT_SEARCH: Final = "is:unresolved"
_STATUSES: Final = {"unresolved": "unresolved", "resolved": "resolved", "ignored": "archived", "muted": "archived"}
"""Values of sentry-cli's `status`, and the term of a search that means the same."""
_LARGEST_PAGE: Final = 100

Send = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class TooManyFound:
    """A search found more issues than the agent may change at once."""

    call: Call
    count: str
    """The number of issues, or `more than N`."""


def is_bulk(call: Call) -> bool:
    """Return whether a call changes several issues."""
    return call.operation.name in BULK


async def repaired(call: Call, bound: int | None, send: Send) -> Call | TooManyFound | None:
    """Return the call with the ids of its issues; None if its search finds none.

    If it has ids, they alone count, as for Sentry when it finds one of them.

    Args:
        call: A call for which `is_bulk` holds.
        bound: The number of issues that the agent may change at once; None for as many as Sentry changes.
        send: Sends a read through the gate of the agent.

    Raises:
        UnusableQueryError: An id is no number.
        AccessDenied: The agent may not search.
        SentryError: Sentry refused the search or failed.
    """
    given = [value for name, value in call.query if name == "id"]
    if given:
        return _by_ids(call, given)
    most = MOST if bound is None else bound
    answer = await send(_search_of(call, most))
    found = [str(json_object(each).get("id", "")) for each in json_list(answer.body)]
    hits = answer.header("X-Hits") or ""
    total = max(len(found), int(hits[:9]) if hits.isdigit() else 0)
    if total > most:
        return TooManyFound(call, hits if hits.isdigit() else f"more than {most}")
    return _by_ids(call, found) if found else None


def _by_ids(call: Call, given: Sequence[str]) -> Call:
    ids = tuple(dict.fromkeys(given))
    if not all(map(_ID.fullmatch, ids)):
        raise UnusableQueryError("names an issue by something else than its numeric id")
    kept = [(name, value) for name, value in call.query if name == "project"]
    query = (*(("id", each) for each in ids), *kept, ("query", FINDS_NOTHING))
    return replace(call, query=query, issues=ids)


def _search_of(call: Call, most: int) -> Call:
    in_project = "project_id_or_slug" in call.parameters
    operation = OPERATIONS["issues.list_for_project" if in_project else "issues.search"]
    kept = [(name, value) for name, value in call.query if name in _SCOPE]
    query = (*kept, ("query", _search_text(call.query)), ("limit", str(min(most + 1, _LARGEST_PAGE))))
    return Call(operation, call.parameters, query, because="to find the issues of a call that names none")


def _search_text(query: Sequence[tuple[str, Any]]) -> str:
    searches = [value for name, value in query if name == "query" and value.strip()]
    statuses = [value for name, value in query if name == "status" and value]
    if len(searches) > 1 or len(statuses) > 1:
        raise UnusableQueryError("has several searches")
    terms = [*searches, *(f"is:{_status(each)}" for each in statuses)]
    return " ".join(terms) or _DEFAULT_SEARCH


def _status(value: str) -> str:
    status = _STATUSES.get(value)
    if status is None:
        raise UnusableQueryError(f"has a status that is none of {', '.join(_STATUSES)}")
    return status
