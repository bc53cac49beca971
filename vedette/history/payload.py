"""Rebuilds the payload of a webhook from an issue in the form of the API and one event of its history.

Sentry makes `data.issue` with the serializer that its issue list extends (`sentry/sentry_apps/tasks/sentry_apps.py`,
`_webhook_issue_data`), so a row of the list without the additions of lists, with three URLs, is the same object. Fields
that depend on the viewer are false in webhooks, and those of the API's proxy user in the API.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.history.activity_changes import moment, object_in
from vedette.history.event_reconstruction import COMMENTED, CREATED, ReconstructedEvent

_ADDITIONS: Final = frozenset({
    *("activity", "filtered", "firstRelease", "hasSeen", "inbox", "integrationIssues", "isBookmarked", "isSubscribed"),
    *("lastRelease", "latestEventHasAttachments", "lifetime", "matchingEventEnvironment", "matchingEventId", "owners"),
    *("participants", "pluginActions", "pluginContexts", "pluginIssues", "seenBy", "sentryAppIssues", "sessionCount"),
    *("stats", "subscriptionDetails", "tags", "userReportCount"),
})  # fmt: skip
"""What lists and details add to an issue, and what depends on the viewer."""
_NOT_SEEN: Final = {"isBookmarked": False, "isSubscribed": False, "subscriptionDetails": None, "hasSeen": False}
_RESOLUTIONS: Final = {
    "set_resolved_in_release": "in_release",
    "set_resolved_in_commit": "with_commit",
    "set_resolved_in_pull_request": "with_commit",
}
"""Kinds of activities, and the `resolution_type` of their webhooks."""
_LONGEST_ID: Final = 20
SENTRY_ACTOR: Final = {"type": "application", "id": "sentry", "name": "Sentry"}


@dataclass(frozen=True, slots=True)
class Origin:
    """The parts of a payload that no issue has.

    Attributes:
        api_url: The address of the organization's issues in the API, with a slash at its end.
        installation: The uuid of the integration's installation; empty if no delivery has named it yet.
    """

    api_url: str
    installation: str = ""


def rebuild_payload(event: ReconstructedEvent, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    """Return the payload of the webhook for an event.

    Args:
        event: The event.
        body: The current issue, as a list or the issue itself shows it.
        origin: The other parts.
    """
    action = event.name.partition(".")[2]
    # The name that Sentry's sender writes.
    action = "ignored" if action == "archived" else action
    data = _comment(event, body) if event.name == COMMENTED else _change(event, body, origin)
    installation = {"installation": {"uuid": origin.installation}} if origin.installation else {}
    return {"action": action, **installation, "data": data, "actor": _actor(event.activity)}


def _change(event: ReconstructedEvent, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    issue = issue_at(event, body, origin)
    match event.name:
        case "issue.assigned":
            return {"assignee": _assignee(issue.get("assignedTo")), "issue": issue}
        case "issue.resolved":
            return {"resolution_type": _resolution_type(event.activity), "issue": issue}
        case _:
            return {"issue": issue}


def issue_at(event: ReconstructedEvent, body: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    """Return `data.issue` at the time of an event; fields with an unknown past have their current values."""
    issue = {name: value for name, value in body.items() if name not in _ADDITIONS} | _NOT_SEEN | dict(event.state)
    if _same_actor(event.state.get("assignedTo"), body.get("assignedTo")):
        # The history names the assignee by its id alone.
        issue["assignedTo"] = body["assignedTo"]
    if any(event.state[name] != body.get(name) for name in ("status", "substatus") if name in event.state):
        # They belong to the current state.
        issue["statusDetails"] = {}
    if event.name == CREATED:
        born = moment(body.get("firstSeen"))
        # The dates of this webhook alone have the other spelling.
        text = born.isoformat() if born else body.get("firstSeen")
        issue |= {"count": "1", "numComments": 0, "firstSeen": text, "lastSeen": text}
    link = str(issue.get("permalink") or "")
    identifier = str(issue.get("id"))
    project = object_in(issue, "project").get("id")
    urls: dict[str, Any] = {"url": f"{origin.api_url}{identifier}/"}
    if link.endswith(f"/{identifier}/"):
        urls |= {"web_url": link, "project_url": f"{link.removesuffix(f'{identifier}/')}?project={project}"}
    return {**urls, **issue}


def _same_actor(one: object, other: object) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    first, second = json_object(one), json_object(other)
    return all(str(first.get(name)) == str(second.get(name)) for name in ("type", "id"))


def _comment(event: ReconstructedEvent, body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "comment_id": number_of(event.activity.get("id")),
        "issue_id": number_of(body.get("id")),
        "project_slug": object_in(body, "project").get("slug"),
        "timestamp": event.at.isoformat(),
        "comment": object_in(event.activity, "data").get("text"),
    }


def _assignee(actor: object) -> dict[str, Any]:
    found = json_object(actor) if isinstance(actor, dict) else {}
    told = {"type": found.get("type"), "name": found.get("name"), "id": number_of(found.get("id"))}
    return told | {"email": found.get("email")} if found.get("type") == "user" else told


def _resolution_type(activity: Mapping[str, Any]) -> str:
    told: object = object_in(activity, "data").get("resolution_type")
    if isinstance(told, str) and told:
        return told
    data = object_in(activity, "data")
    if activity.get("type") == "set_resolved_in_release" and not data.get("version"):
        return "in_next_release"
    return _RESOLUTIONS.get(str(activity.get("type")), "now")


def _actor(activity: Mapping[str, Any]) -> dict[str, Any]:
    user, app = object_in(activity, "user"), object_in(activity, "sentry_app")
    if app:
        # Truer than a webhook, which names the integration that receives it.
        return {"type": "application", "id": app.get("uuid") or app.get("id"), "name": app.get("name")}
    if user:
        return {"type": "user", "id": number_of(user.get("id")), "name": user.get("name")}
    return dict(SENTRY_ACTOR)


def number_of(identifier: object) -> object:
    """Return an id as a number, which webhooks have where the API has a text; other values unchanged."""
    if isinstance(identifier, str) and identifier.isascii() and identifier.isdigit() and len(identifier) <= _LONGEST_ID:
        return int(identifier)
    return identifier
