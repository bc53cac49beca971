"""What hangs on an issue: tags, hashes, links to other systems, Seer's fix."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from vedette.simulator.api import Answer, ApiCall, bad_request, invalid, not_found
from vedette.simulator.dates import zulu
from vedette.simulator.event_api_json import event_detail_json
from vedette.simulator.event_json import grouping_hash, tags_of
from vedette.simulator.issue_detail_json import tag_json
from vedette.simulator.paging import paginate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.api import Handler
    from vedette.simulator.issues import Event

TOP = 10
_SORTS = {"date": "lastSeen", "age": "firstSeen", "count": "count", "id": "value"}
# The tracker every organization here has installed.
TRACKER: dict[str, Any] = {
    "id": "77",
    "name": "harbour-shop",
    "icon": None,
    "domainName": "tracker.example/harbour-shop",
    "accountType": None,
    "scopes": None,
    "outOfDate": False,
    "status": "active",
    "provider": {
        "key": "github",
        "slug": "github",
        "name": "GitHub",
        "canAdd": True,
        "canDisable": False,
        "features": ["issue-basic"],
        "aspects": {},
    },
}


def tags(call: ApiCall) -> Answer:
    """List tag keys with their most frequent values."""
    found = tag_json(call.issue)
    return Answer([tag | {"topValues": _values(call, tag["key"])[:TOP]} for tag in found])


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


def tag(call: ApiCall) -> Answer:
    """Answer with one tag key."""
    key = call.path["key"]
    found = next((found for found in tag_json(call.issue) if found["key"] == key), None)
    if found is None:
        raise not_found()
    return Answer(found | {"topValues": _values(call, key)[:TOP]})


def tag_values(call: ApiCall) -> Answer:
    """List a tag's values."""
    sort = call.query.get("sort", "-count")
    if sort.removeprefix("-") not in _SORTS:
        raise bad_request(f"Invalid sort. Must be one of {', '.join(_SORTS)}.")
    field = _SORTS[sort.removeprefix("-")]
    found = _values(call, call.path["key"])
    found.sort(key=lambda value: value[field], reverse=sort.startswith("-"))
    return paginate(call, found, dict)


def hashes(call: ApiCall) -> Answer:
    """List the grouping hashes, those of merged issues too, each with its latest event."""
    issue = call.issue
    latest = event_detail_json(call.world, issue.events[-1]) if issue.events else None
    found: list[dict[str, Any]] = [
        {"id": grouping_hash(text), "latestEvent": latest, "mergedBySeer": False, "seerMatchDistance": None}
        for text in sorted(issue.groupings)
    ]
    return paginate(call, found, dict)


def external_issues(call: ApiCall) -> Answer:
    """List links that custom integrations made."""
    return Answer([{name: value for name, value in link.items() if name != "app"} for link in call.issue.links])


def link_issue(call: ApiCall) -> Answer:
    """Link an item of another system; an integration has one link per issue, which a repeat replaces."""
    fields = call.fields
    for name in ("issueId", "webUrl", "project", "identifier"):
        if fields.get(name) in (None, ""):
            raise invalid(**{name: "This field is required."})
    integration = next((i for i in call.world.integrations.values() if i.installation == call.path["uuid"]), None)
    issue = call.world.find_issue(str(fields["issueId"]))
    if integration is None or issue is None:
        raise not_found()
    # Only the integration's own token, or a person of the organization.
    if call.actor.user is None and call.actor.integration is not integration:
        raise not_found()
    known = next((link for link in issue.links if link["app"] == integration.slug), None)
    link = known or {"id": str(call.world.next_id("link")), "app": integration.slug}
    if known is None:
        issue.links.append(link)
    link |= {
        "issueId": str(issue.id),
        "serviceType": integration.slug,
        "displayName": f"{fields['project']}#{fields['identifier']}",
        "webUrl": fields["webUrl"],
    }
    call.world.revision += 1
    return Answer({name: value for name, value in link.items() if name != "app"})


def unlink_issue(call: ApiCall) -> Answer:
    """Take a link away."""
    for issue in call.world.issues.values():
        for link in issue.links:
            if link["id"] == call.path["external_issue_id"]:
                issue.links.remove(link)
                call.world.revision += 1
                return Answer(status=204)
    raise not_found()


def _tracker(call: ApiCall) -> None:
    if call.path["integration_id"] != TRACKER["id"]:
        raise not_found()


def tracker_form(call: ApiCall) -> Answer:
    """Answer with the fields that linking or creating needs."""
    _tracker(call)
    action = call.query.get("action")
    if action not in {"create", "link"}:
        raise bad_request("Action is required and should be either link or create")
    field = {"name": "externalIssue" if action == "link" else "title", "label": "Issue", "required": True}
    return Answer(TRACKER | {f"{action}IssueConfig": [field]})


def _link_tracker(call: ApiCall, key: str) -> Answer:
    number = call.world.next_id("tracker link")
    link = {
        "id": number,
        "key": key,
        "url": f"https://{TRACKER['domainName']}/issues/{key}",
        "integrationId": int(TRACKER["id"]),
        "displayName": f"harbour-shop#{key}",
    }
    call.issue.tracker_links.append(link)
    call.world.revision += 1
    return Answer(link, 201)


def create_in_tracker(call: ApiCall) -> Answer:
    """Create an item in the tracker and link it."""
    _tracker(call)
    if not call.fields.get("title"):
        raise invalid(title="This field is required.")
    return _link_tracker(call, str(call.world.next_id("tracker item")))


def link_tracker(call: ApiCall) -> Answer:
    """Link an item that is in the tracker already."""
    _tracker(call)
    key = call.fields.get("externalIssue")
    if not key:
        raise invalid(externalIssue="Issue ID is required")
    return _link_tracker(call, str(key))


def unlink_tracker(call: ApiCall) -> Answer:
    """Unlink an item of the tracker; the query names the link's own id."""
    _tracker(call)
    wanted = call.query.get("externalIssue")
    if not wanted:
        raise bad_request("External ID required")
    for link in call.issue.tracker_links:
        if str(link["id"]) == wanted:
            call.issue.tracker_links.remove(link)
            return Answer(status=204)
    raise not_found()


def autofix(call: ApiCall) -> Answer:
    """Answer with the state of Seer's run, null when there was none."""
    answer: dict[str, Any] = {"autofix": call.issue.autofix}
    if call.query.get("llmFormat") in {"markdown", "xml"}:
        answer["formatted"] = {"format": call.query["llmFormat"], "content": call.issue.title}
    return Answer(answer)


def start_autofix(call: ApiCall) -> Answer:
    """Start Seer on the issue; the run stays where it begins."""
    if len(str(call.fields.get("user_context") or "")) > 1000:  # noqa: PLR2004 - Sentry's own maximum
        raise invalid(userContext="Ensure this field has no more than 1000 characters.")
    number = call.world.next_id("run")
    call.issue.autofix = {"run_id": number, "status": "processing", "steps": []}
    return Answer({"run_id": number, "sentry_run_id": call.world.uuid()}, 202)


ISSUE_DETAILS: Mapping[str, Handler] = {
    "issues.tags": tags,
    "issues.tag": tag,
    "issues.tag_values": tag_values,
    "issues.hashes": hashes,
    "issues.external_issues": external_issues,
    "issues.tracker_form": tracker_form,
    "issues.create_in_tracker": create_in_tracker,
    "issues.link_tracker": link_tracker,
    "issues.unlink_tracker": unlink_tracker,
    "issues.autofix": autofix,
    "issues.start_autofix": start_autofix,
    "apps.link_issue": link_issue,
    "apps.unlink_issue": unlink_issue,
}
