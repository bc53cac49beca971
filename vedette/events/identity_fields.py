"""Extracts the identity fields from a partial decode, as `vedette.events.deduplication` needs them.

The table has a function for each resource, since equal values have different paths in each.
"""

from collections.abc import Callable, Mapping

from vedette.events.deduplication import Traits
from vedette.events.partial_decode import DecodedData, DecodedEnvelope, DecodedEvent

_NO_EVENT = DecodedEvent()
_NOTHING = DecodedData()


def _issue(data: DecodedData) -> Traits:
    issue = data.issue
    traits = Traits(assignee=data.assignee, resolution_type=data.resolution_type)
    if issue is not None:
        traits |= Traits(issue_id=issue.id, substatus=issue.substatus, status_details=issue.status_details)
    return traits


def _error(data: DecodedData) -> Traits:
    event = data.error or _NO_EVENT
    return Traits(event_id=event.event_id, issue_id=event.issue_id, project=event.project)


def _event_alert(data: DecodedData) -> Traits:
    event = data.event or _NO_EVENT
    return Traits(
        event_id=event.event_id,
        issue_id=event.issue_id,
        triggered_rule=data.triggered_rule,
        issue_alert_id=data.issue_alert.id if data.issue_alert else None,
    )


def _activity_alert(data: DecodedData) -> Traits:
    return Traits(
        issue_id=data.issue.id if data.issue else None,
        alert_id=data.alert.id if data.alert else None,
        activity_type=data.activity.type if data.activity else None,
        activity_details=data.activity.details if data.activity else None,
    )


def _metric_alert(data: DecodedData) -> Traits:
    alert = data.metric_alert
    if alert is None:
        return Traits()
    rule = alert.alert_rule.id if alert.alert_rule else None
    return Traits(metric_alert_id=alert.id, alert_rule_id=rule, date_closed=alert.date_closed)


def _comment(data: DecodedData) -> Traits:
    return Traits(issue_id=data.issue_id, comment_id=data.comment_id, comment=data.comment)


def _seer(data: DecodedData) -> Traits:
    return Traits(
        issue_id=data.group_id,
        run_id=data.run_id,
        sentry_run_id=data.sentry_run_id,
        iteration_index=data.iteration_index,
    )


def _preprod_artifact(data: DecodedData) -> Traits:
    return Traits(build_id=data.build_id, state=data.state)


def _installation(data: DecodedData) -> Traits:
    return Traits(installation_uuid=data.installation.uuid if data.installation else None)


def extract_issue_names(envelope: DecodedEnvelope) -> tuple[object, object]:
    """Return the issue's short id and the title of the issue or event, of any type, as in the body."""
    data = envelope.data or _NOTHING
    issue = data.issue
    if issue is not None:
        return issue.short_id, issue.title
    event = data.error or data.event or envelope.event
    return None, event.title if event is not None else None


_EXTRACTORS: Mapping[str, Callable[[DecodedData], Traits]] = {
    "issue": _issue,
    "error": _error,
    "event_alert": _event_alert,
    "activity_alert": _activity_alert,
    "metric_alert": _metric_alert,
    "comment": _comment,
    "seer": _seer,
    "preprod_artifact": _preprod_artifact,
    "installation": _installation,
}


def extract_identity_fields(resource: str, envelope: DecodedEnvelope) -> Traits:
    """Return the identity fields; none for an unknown resource."""
    event = envelope.event or _NO_EVENT
    if resource == "service_hook":
        issue = envelope.group.id if envelope.group else None
        return Traits(event_id=event.event_id_in_api or event.event_id, issue_id=issue)
    if resource == "legacy_webhook":
        return Traits(event_id=event.event_id, issue_id=envelope.id, triggered_rule=envelope.triggering_rules)
    extract = _EXTRACTORS.get(resource)
    return Traits() if extract is None else extract(envelope.data or _NOTHING)
