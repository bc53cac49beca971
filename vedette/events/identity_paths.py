"""Lists the paths of the fields in each resource's body that determine subject and deduplication key.

One table instead of code in every event class: a partial decoder reads here which fields to extract, so that
both come to the same subject and key.
"""

from collections.abc import Mapping
from typing import Any, Final, TypedDict, cast

from vedette._core.json_values import json_object


class Traits(TypedDict, total=False):
    """The identity values that a payload has. Ids may be text or integers, as Sentry sends them.

    A trait has one name for all its paths: `issue_id` is `data.issue.id`, `data.error.issue_id`, `data.group_id` and
    more. `PATHS` has its path in each resource.
    """

    issue_id: object
    event_id: object
    project: object
    triggered_rule: object
    issue_alert_id: object
    assignee: object
    substatus: object
    resolution_type: object
    status_details: object
    comment_id: object
    comment: object
    metric_alert_id: object
    alert_rule_id: object
    date_closed: object
    alert_id: object
    activity_type: object
    activity_details: object
    run_id: object
    sentry_run_id: object
    iteration_index: object
    build_id: object
    state: object
    installation_uuid: object


_ISSUE: Final = {"issue_id": "data.issue.id"}

PATHS: Final[Mapping[str, Mapping[str, str]]] = {
    "issue": _ISSUE
    | {
        "assignee": "data.assignee",
        "substatus": "data.issue.substatus",
        "resolution_type": "data.resolution_type",
        "status_details": "data.issue.statusDetails",
    },
    "error": {
        "issue_id": "data.error.issue_id",
        "event_id": "data.error.event_id",
        "project": "data.error.project",
    },
    "event_alert": {
        "issue_id": "data.event.issue_id",
        "event_id": "data.event.event_id",
        "triggered_rule": "data.triggered_rule",
        "issue_alert_id": "data.issue_alert.id",
    },
    "activity_alert": _ISSUE
    | {
        "alert_id": "data.alert.id",
        "activity_type": "data.activity.type",
        "activity_details": "data.activity.details",
    },
    "metric_alert": {
        "metric_alert_id": "data.metric_alert.id",
        "alert_rule_id": "data.metric_alert.alert_rule.id",
        "date_closed": "data.metric_alert.date_closed",
    },
    "comment": {
        "issue_id": "data.issue_id",
        "comment_id": "data.comment_id",
        "comment": "data.comment",
    },
    "seer": {
        "issue_id": "data.group_id",
        "run_id": "data.run_id",
        "sentry_run_id": "data.sentry_run_id",
        "iteration_index": "data.iteration_index",
    },
    "preprod_artifact": {"build_id": "data.buildId", "state": "data.state"},
    "installation": {"installation_uuid": "data.installation.uuid"},
    "service_hook": {"issue_id": "group.id", "event_id": "event.eventID"},
    "legacy_webhook": {
        "issue_id": "id",
        "event_id": "event.event_id",
        "triggered_rule": "triggering_rules",
    },
}
"""Per resource, the path of each trait in the body; resources that are not here have no traits."""


def value_at(body: object, path: str) -> object:
    """Return the value at a dotted path of keys; None if the path does not exist."""
    found = body
    for key in path.split("."):
        if not isinstance(found, dict):
            return None
        found = json_object(found).get(key)
    return found


def traits_of(resource: str, body: Mapping[str, Any]) -> Traits:
    """Return the traits of a decoded body; empty for resources we do not know."""
    return cast("Traits", {trait: value_at(body, path) for trait, path in PATHS.get(resource, {}).items()})
