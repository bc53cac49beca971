"""Operations on issues: look them up, change them, many at once."""

from typing import Final

from vedette.api.operations._operation import ISSUE, ORGANIZATION, PROJECT, Limit, Operation
from vedette.api.scopes import EVENT_ADMIN, EVENT_READ, EVENT_WRITE, ORG_READ

_HAND_WRITTEN: Final = "The schema's list is written by hand and names one level; the permission class accepts these."
_FALLBACK: Final = (
    "When none of the ids is in scope, Sentry runs the search instead (default `is:unresolved`) and changes up to 1000 "
    "issues it finds."
)

ISSUES: Final = (
    Operation(
        "issues.search",
        "GET",
        f"{ORGANIZATION}issues/",
        EVENT_READ,
        "Search the issues of the organization",
        answers="list",
        paginated=True,
        page_size="limit",
        limit=Limit(10, 1),
        note="Pages can be shorter than `limit` while more follow; a direct hit carries no Link header.",
    ),
    Operation(
        "issues.list_for_project",
        "GET",
        f"{PROJECT}issues/",
        EVENT_READ,
        "List the issues of one project",
        answers="list",
        paginated=True,
        page_size="limit",
        deprecated="issues.search",
        limit=Limit(5, 1),
        differs=_HAND_WRITTEN,
    ),
    Operation(
        "issues.get",
        "GET",
        ISSUE,
        EVENT_READ,
        "Read one issue",
        limit=Limit(5, 1),
        note="A merged issue's id answers with the surviving issue; one being deleted or merged answers 404.",
    ),
    Operation(
        "issues.update",
        "PUT",
        ISSUE,
        EVENT_WRITE,
        "Change one issue: status, assignee, priority, review, merge",
        limit=Limit(5, 1),
        note="Only sent fields change; fields that Sentry does not know are dropped without a word.",
    ),
    Operation(
        "issues.delete",
        "DELETE",
        ISSUE,
        EVENT_ADMIN,
        "Delete one issue and its events",
        answers="nothing",
        limit=Limit(5, 5),
        note="Queued: 202 is acceptance.",
    ),
    Operation(
        "issues.update_many",
        "PUT",
        f"{ORGANIZATION}issues/",
        EVENT_WRITE,
        "Change several issues of the organization",
        note=f"Answers the change, not the issues; 204 when nothing matched. {_FALLBACK}",
    ),
    Operation(
        "issues.update_in_project",
        "PUT",
        f"{PROJECT}issues/",
        EVENT_WRITE,
        "Change several issues of one project",
        note=f"Answers the change, not the issues; 204 when nothing matched. {_FALLBACK}",
        differs=_HAND_WRITTEN,
    ),
    Operation(
        "issues.delete_many",
        "DELETE",
        f"{ORGANIZATION}issues/",
        EVENT_ADMIN,
        "Delete several issues of the organization",
        answers="nothing",
        note="Without ids the first 1000 matching issues are deleted.",
    ),
    Operation(
        "issues.delete_in_project",
        "DELETE",
        f"{PROJECT}issues/",
        EVENT_ADMIN,
        "Delete several issues of one project",
        answers="nothing",
        note="Without ids the first 1000 matching issues are deleted.",
    ),
    Operation(
        "issues.by_short_id",
        "GET",
        f"{ORGANIZATION}shortids/{{issue_id}}/",
        EVENT_READ,
        "Find an issue by its short id",
    ),
    Operation(
        "issues.by_event_id",
        "GET",
        f"{ORGANIZATION}eventids/{{event_id}}/",
        ORG_READ,
        "Find an issue by the id of one of its events",
        note="Asks for a scope of the organization, not of events.",
    ),
)
