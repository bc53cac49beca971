"""An issue's links to other systems: those of custom integrations, and those of an installed tracker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, invalid, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler

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


def external_issues(call: ApiCall) -> EndpointResponse:
    """List links that custom integrations made."""
    return EndpointResponse(
        [{name: value for name, value in link.items() if name != "app"} for link in call.issue.links]
    )


def link_issue(call: ApiCall) -> EndpointResponse:
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
    return EndpointResponse({name: value for name, value in link.items() if name != "app"})


def unlink_issue(call: ApiCall) -> EndpointResponse:
    """Take a link away."""
    for issue in call.world.issues.values():
        for link in issue.links:
            if link["id"] == call.path["external_issue_id"]:
                issue.links.remove(link)
                call.world.revision += 1
                return EndpointResponse(status=204)
    raise not_found()


def _tracker(call: ApiCall) -> None:
    if call.path["integration_id"] != TRACKER["id"]:
        raise not_found()


def tracker_form(call: ApiCall) -> EndpointResponse:
    """Answer with the fields that linking or creating needs."""
    _tracker(call)
    action = call.query.get("action")
    if action not in {"create", "link"}:
        raise bad_request("Action is required and should be either link or create")
    field = {"name": "externalIssue" if action == "link" else "title", "label": "Issue", "required": True}
    return EndpointResponse(TRACKER | {f"{action}IssueConfig": [field]})


def _link_tracker(call: ApiCall, key: str) -> EndpointResponse:
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
    return EndpointResponse(link, 201)


def create_in_tracker(call: ApiCall) -> EndpointResponse:
    """Create an item in the tracker and link it."""
    _tracker(call)
    if not call.fields.get("title"):
        raise invalid(title="This field is required.")
    return _link_tracker(call, str(call.world.next_id("tracker item")))


def link_tracker(call: ApiCall) -> EndpointResponse:
    """Link an item that is in the tracker already."""
    _tracker(call)
    key = call.fields.get("externalIssue")
    if not key:
        raise invalid(externalIssue="Issue ID is required")
    return _link_tracker(call, str(key))


def unlink_tracker(call: ApiCall) -> EndpointResponse:
    """Unlink an item of the tracker; the query names the link's own id."""
    _tracker(call)
    wanted = call.query.get("externalIssue")
    if not wanted:
        raise bad_request("External ID required")
    for link in call.issue.tracker_links:
        if str(link["id"]) == wanted:
            call.issue.tracker_links.remove(link)
            return EndpointResponse(status=204)
    raise not_found()


ISSUE_LINKS: Mapping[str, Handler] = {
    "issues.external_issues": external_issues,
    "issues.tracker_form": tracker_form,
    "issues.create_in_tracker": create_in_tracker,
    "issues.link_tracker": link_tracker,
    "issues.unlink_tracker": unlink_tracker,
    "apps.link_issue": link_issue,
    "apps.unlink_issue": unlink_issue,
}
