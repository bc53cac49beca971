"""The objects of one event: attachments, source maps, suspect commits, owners, user feedback."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.people import team_json, user_json
from vedette.simulator.serializers.releases import commit_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, forbidden, invalid, not_found
from vedette.simulator.web.paging import paginate
from vedette.simulator.world.ownership import matching_rules, owners_of
from vedette.simulator.world.people import User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.issues import Event, StoredAttachment


def _attachment_json(event: Event, attachment: StoredAttachment) -> dict[str, Any]:
    return {
        "id": str(attachment.id),
        "event_id": event.id,
        "type": "event.attachment",
        "name": attachment.name,
        "mimetype": attachment.content_type,
        "dateCreated": zulu(attachment.created),
        "size": len(attachment.content),
        "headers": {"Content-Type": attachment.content_type},
        "sha1": hashlib.sha1(attachment.content, usedforsecurity=False).hexdigest(),
    }


def attachments(call: ApiCall) -> EndpointResponse:
    """List attachments, newest first; a query searches names."""
    event, text = call.event, call.query.get("query", "").casefold()
    found = [each for each in call.world.attachments.get(event.id, []) if text in each.name.casefold()]
    return paginate(call, found[::-1], lambda each: _attachment_json(event, each))


def attachment(call: ApiCall) -> EndpointResponse:
    """Answer with an attachment's content if `download` is given, else with its description.

    Sentry asks for the role of a member, which the proxy user of an integration is not.
    """
    if call.token is None or call.token.user is None:
        raise forbidden()
    event = call.event
    wanted = [each for each in call.world.attachments.get(event.id, []) if str(each.id) == call.path["attachment_id"]]
    if not wanted:
        raise not_found("Attachment not found")
    if call.query.get("download") is None:
        return EndpointResponse(_attachment_json(event, wanted[0]))
    name = " ".join(wanted[0].name.split()).rpartition("/")[2]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return EndpointResponse(wanted[0].content, 200, headers, wanted[0].content_type)


def source_maps(call: ApiCall) -> EndpointResponse:
    """Answer that nothing was uploaded."""
    event = call.event
    return EndpointResponse(
        {
            "dist": None,
            "release": event.release,
            "exceptions": [],
            "has_debug_ids": False,
            "min_debug_id_sdk_version": "7.56.0",
            "sdk_version": "2.41.0",
            "project_has_some_artifact_bundle": False,
            "release_has_some_artifact": False,
            "has_uploaded_some_artifact_with_a_debug_id": False,
            "sdk_debug_id_support": "full",
            "has_scraping_data": False,
        }
    )


def committers(call: ApiCall) -> EndpointResponse:
    """Answer with suspect commits: those of the event's release; 404 where there are none."""
    release = call.world.releases.get(call.event.release or "")
    if release is None:
        raise not_found("Release not found")
    if not release.commits:
        raise not_found("No Commits found for Release")
    commit = release.commits[-1]
    author = call.world.user_by_name.get(commit.author_email)
    shown: Any = {"name": commit.author_name, "email": commit.author_email}
    if author:
        shown = user_json(call.world, author)
    return EndpointResponse({"committers": [{"author": shown, "commits": [commit_json(call.world, commit)]}]})


def owners(call: ApiCall) -> EndpointResponse:
    """Answer with who the ownership rules name."""
    issue = call.event.issue
    shown = [
        user_json(call.world, owner.subject) | {"type": "user"}
        if isinstance(owner.subject, User)
        else team_json(call.world, owner.subject) | {"type": "team"}
        for owner in owners_of(call.world, issue)
    ]
    rules = [{"type": rule.kind, "pattern": rule.pattern} for rule in matching_rules(issue)]
    return EndpointResponse({"owners": shown, "rule": rules[0] if rules else None, "rules": rules})


def send_feedback(call: ApiCall) -> EndpointResponse:
    """Store a shopper's feedback on an event."""
    fields = call.fields
    for name in ("event_id", "name", "email", "comments"):
        if not fields.get(name):
            raise invalid(**{name: "This field is required."})
    event = call.world.events.get(fields["event_id"])
    report: dict[str, Any] = {
        "id": str(call.world.next_id("feedback")),
        "eventID": fields["event_id"],
        "name": fields["name"],
        "email": fields["email"],
        "comments": fields["comments"],
        "dateCreated": zulu(call.world.clock()),
        "user": None,
        "event": {"id": event.id if event else None, "eventID": fields["event_id"]},
    }
    if event is not None:
        event.issue.user_reports.append(report)
    return EndpointResponse(report)


EVENT_DETAILS: Mapping[str, Handler] = {
    "events.attachments": attachments,
    "events.attachment": attachment,
    "events.source_maps": source_maps,
    "events.committers": committers,
    "events.owners": owners,
    "projects.send_feedback": send_feedback,
}
