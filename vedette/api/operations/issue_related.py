"""Operations on what hangs on an issue: comments, tags, links to trackers, Seer."""

from typing import Final

from vedette.api.operations._operation import Operation
from vedette.api.operations._paths import ISSUE
from vedette.api.scopes import EVENT_ADMIN, EVENT_READ, EVENT_WRITE

_NOTES: Final = f"{ISSUE}notes/"
_NOTE: Final = f"{ISSUE}notes/{{note_id}}/"
_TRACKER: Final = f"{ISSUE}integrations/{{integration_id}}/"

ISSUE_DETAILS: Final = (
    Operation(
        "issues.comments",
        "GET",
        _NOTES,
        EVENT_READ,
        "List the comments on an issue, newest first",
        answers="list",
        paginated=True,
        page_size="per_page",
        standing="private",
    ),
    Operation(
        "issues.comment",
        "POST",
        _NOTES,
        EVENT_WRITE,
        "Comment on an issue",
        standing="private",
        note="The same text by the same user within an hour answers 400 `already posted`, so repeating it is safe.",
    ),
    Operation(
        "issues.edit_comment",
        "PUT",
        _NOTE,
        EVENT_WRITE,
        "Change a comment of one's own",
        standing="private",
        note="Somebody else's comment answers 404.",
    ),
    Operation(
        "issues.delete_comment",
        "DELETE",
        _NOTE,
        EVENT_ADMIN,
        "Delete a comment of one's own",
        answers="nothing",
        standing="private",
        note="Somebody else's comment answers 404.",
    ),
    Operation(
        "issues.activities",
        "GET",
        f"{ISSUE}activities/",
        EVENT_READ,
        "Read what happened to an issue",
        standing="private",
        note="The last 100 are part of the issue itself.",
    ),
    Operation(
        "issues.tags",
        "GET",
        f"{ISSUE}tags/",
        EVENT_READ,
        "List the tags of an issue with their top values",
        answers="list",
        standing="private",
    ),
    Operation("issues.tag", "GET", f"{ISSUE}tags/{{key}}/", EVENT_READ, "Read one tag of an issue"),
    Operation(
        "issues.tag_values",
        "GET",
        f"{ISSUE}tags/{{key}}/values/",
        EVENT_READ,
        "List the values of one tag of an issue",
        answers="list",
        paginated=True,
        note="1000 values at most.",
    ),
    Operation(
        "issues.hashes",
        "GET",
        f"{ISSUE}hashes/",
        EVENT_READ,
        "List the grouping hashes of an issue",
        answers="list",
        paginated=True,
        note="Whole events come with them unless `full` is false.",
    ),
    Operation(
        "issues.external_issues",
        "GET",
        f"{ISSUE}external-issues/",
        EVENT_READ,
        "List the items that custom integrations linked to an issue",
        answers="list",
    ),
    Operation(
        "issues.tracker_form",
        "GET",
        _TRACKER,
        EVENT_READ,
        "Read what an installed tracker asks for to create or link an item",
    ),
    Operation(
        "issues.create_in_tracker",
        "POST",
        _TRACKER,
        EVENT_WRITE,
        "Create an item in an installed tracker and link it",
        repeatable=False,
    ),
    Operation("issues.link_tracker", "PUT", _TRACKER, EVENT_WRITE, "Link an existing item of an installed tracker"),
    Operation(
        "issues.unlink_tracker",
        "DELETE",
        _TRACKER,
        EVENT_ADMIN,
        "Unlink an item of an installed tracker",
        answers="nothing",
        note="The query names the row of the link, not the item.",
    ),
    Operation(
        "issues.autofix",
        "GET",
        f"{ISSUE}autofix/",
        EVENT_READ,
        "Read how far Seer is with an issue",
        standing="experimental",
    ),
    Operation(
        "issues.start_autofix",
        "POST",
        f"{ISSUE}autofix/",
        EVENT_WRITE,
        "Set Seer to work on an issue",
        repeatable=False,
        standing="experimental",
    ),
)
