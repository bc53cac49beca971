"""Endpoints of the objects of an issue: tags, hashes, Seer's fix."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.api_event import event_detail_json
from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.issue_detail import tag_json
from vedette.simulator.serializers.webhook_event import grouping_hash, tags_of
from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, invalid, not_found
from vedette.simulator.web.endpoints.monitoring.queries import asked_projects
from vedette.simulator.web.paging import paginate
from vedette.simulator.world.id_parsing import as_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.issues import Event

TOP = 10
MOST_COUNTED = 25
MOST_REPLAYS = 51
_SORTS = {"date": "lastSeen", "age": "firstSeen", "count": "count", "id": "value"}


def tags(call: ApiCall) -> EndpointResponse:
    """List tag keys with their most frequent values."""
    found = tag_json(call.issue)
    return EndpointResponse([tag | {"topValues": _values(call, tag["key"])[:TOP]} for tag in found])


def _values(call: ApiCall, key: str) -> list[dict[str, Any]]:
    events: dict[str, list[Event]] = defaultdict(list)
    for event in call.issue.events:
        for name, value in tags_of(event):
            if name == key:
                events[value].append(event)
    found: list[dict[str, Any]] = [
        {
            "query": None,
            "key": key,
            "name": value,
            "value": value,
            "count": len(seen),
            "firstSeen": zulu(min(event.when for event in seen)),
            "lastSeen": zulu(max(event.when for event in seen)),
        }
        for value, seen in events.items()
    ]
    return sorted(found, key=lambda value: value["count"], reverse=True)


def tag(call: ApiCall) -> EndpointResponse:
    """Answer with one tag key."""
    key = call.path["key"]
    found = next((found for found in tag_json(call.issue) if found["key"] == key), None)
    if found is None:
        raise not_found()
    return EndpointResponse(found | {"topValues": _values(call, key)[:TOP]})


def tag_values(call: ApiCall) -> EndpointResponse:
    """List a tag's values."""
    sort = call.query.get("sort", "-count")
    if sort.removeprefix("-") not in _SORTS:
        raise bad_request(f"Invalid sort. Must be one of {', '.join(_SORTS)}.")
    field = _SORTS[sort.removeprefix("-")]
    found = _values(call, call.path["key"])
    found.sort(key=lambda value: value[field], reverse=sort.startswith("-"))
    return paginate(call, found, dict)


def hashes(call: ApiCall) -> EndpointResponse:
    """List the grouping hashes, those of merged issues too, each with its latest event."""
    issue = call.issue
    latest = event_detail_json(call.world, issue.events[-1]) if issue.events else None
    found: list[dict[str, Any]] = [
        {"id": grouping_hash(text), "latestEvent": latest, "mergedBySeer": False, "seerMatchDistance": None}
        for text in sorted(issue.groupings)
    ]
    return paginate(call, found, dict)


def user_reports(call: ApiCall) -> EndpointResponse:
    """List the feedback of end users, newest first."""
    return paginate(call, call.issue.user_reports[::-1], dict)


def replay_count(call: ApiCall) -> EndpointResponse:
    """Answer with the number of replays of each issue that has some, or with their ids."""
    match = re.search(r"\bissue\.id:(\[[^\]]*\]|\S+)", call.query.get("query", ""))
    if match is None:
        raise bad_request("Must provide at least one issue.id, transaction, or replay_id")
    if not match[1].startswith("["):
        raise bad_request("Condition value must be a list of strings")
    wanted = [text.strip() for text in match[1][1:-1].split(",")]
    if len(wanted) > MOST_COUNTED:
        raise bad_request("Too many values provided")
    projects = asked_projects(call)
    found = {text: call.world.issues.get(as_id(text) or 0) for text in wanted}
    shown = {text: issue for text, issue in found.items() if issue and issue.replays and issue.project in projects}
    replays = {text: issue.replays[:MOST_REPLAYS] for text, issue in shown.items()}
    ids = call.query.get("returnIds") in {"1", "true"}
    return EndpointResponse({text: each if ids else len(each) for text, each in replays.items()})


def autofix(call: ApiCall) -> EndpointResponse:
    """Answer with the state of Seer's run, null when there was none."""
    answer: dict[str, Any] = {"autofix": call.issue.autofix}
    if call.query.get("llmFormat") in {"markdown", "xml"}:
        answer["formatted"] = {"format": call.query["llmFormat"], "content": call.issue.title}
    return EndpointResponse(answer)


def start_autofix(call: ApiCall) -> EndpointResponse:
    """Start Seer on the issue; the run stays in its first state."""
    if len(str(call.fields.get("user_context") or "")) > 1000:  # noqa: PLR2004 - Sentry's own maximum
        raise invalid(userContext="Ensure this field has no more than 1000 characters.")
    number = call.world.next_id("run")
    call.issue.autofix = {"run_id": number, "status": "processing", "steps": []}
    return EndpointResponse({"run_id": number, "sentry_run_id": call.world.uuid()}, 202)


ISSUE_DETAILS: Mapping[str, Handler] = {
    "issues.tags": tags,
    "issues.tag": tag,
    "issues.tag_values": tag_values,
    "issues.hashes": hashes,
    "issues.user_reports": user_reports,
    "issues.replay_count": replay_count,
    "issues.autofix": autofix,
    "issues.start_autofix": start_autofix,
}
