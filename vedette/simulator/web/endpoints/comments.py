"""Comments on issues ("notes") and their history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator.serializers.issue_detail import activity_json, comment_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, forbidden, invalid, not_found
from vedette.simulator.web.paging import paginate
from vedette.simulator.world import comments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.issues import Comment


def list_comments(call: ApiCall) -> EndpointResponse:
    """List comments, newest first."""
    return paginate(call, call.issue.comments[::-1], lambda comment: comment_json(call.world, comment))


def activities(call: ApiCall) -> EndpointResponse:
    """Answer with the issue's history, newest first."""
    return EndpointResponse(
        {"activity": [activity_json(call.world, activity) for activity in reversed(call.issue.activity)]}
    )


def _text(call: ApiCall) -> str:
    text = call.fields.get("text")
    if text is None:
        raise invalid(text="This field is required.")
    if not isinstance(text, str) or not text.strip():
        raise invalid(text="This field may not be blank.")
    return text


def create(call: ApiCall) -> EndpointResponse:
    """Leave a comment. The same text by the same author within the hour is refused, which makes a repeat safe."""
    issue, text = call.issue, _text(call)
    if comments.is_repeated(call.world, issue, call.actor, text):
        raise bad_request("You have already posted that comment.")
    return EndpointResponse(comment_json(call.world, comments.comment(call.world, issue, call.actor, text)), 201)


def _own(call: ApiCall) -> Comment:
    """Return the caller's comment that the path names; other people's are not found."""
    if call.actor.user is None and call.actor.integration is None:
        raise forbidden()
    for comment in call.issue.comments:
        if str(comment.id) == call.path["note_id"] and comment.actor.key == call.actor.key:
            return comment
    raise not_found()


def edit(call: ApiCall) -> EndpointResponse:
    """Change one's own comment."""
    comment = _own(call)
    comments.edit_comment(call.world, call.issue, comment, _text(call))
    return EndpointResponse(comment_json(call.world, comment))


def delete(call: ApiCall) -> EndpointResponse:
    """Take one's own comment back."""
    comments.delete_comment(call.world, call.issue, _own(call))
    return EndpointResponse(status=204)


COMMENTS: Mapping[str, Handler] = {
    "issues.comments": list_comments,
    "issues.comment": create,
    "issues.edit_comment": edit,
    "issues.delete_comment": delete,
    "issues.activities": activities,
}
