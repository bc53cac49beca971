"""Typed content of deliveries: `parse(resource, body)` gives an `Event`, one class per resource.

The receiver asks only what kinds there are, so the models are imported when they are first used.
"""

from typing import TYPE_CHECKING

from vedette.first_use import on_first_use

if TYPE_CHECKING:
    from vedette.events.activity_alert import Activity, ActivityAlertEvent, Alert
    from vedette.events.comment import CommentEvent
    from vedette.events.envelope import Actor, ProjectRef
    from vedette.events.error import ErrorEvent
    from vedette.events.errors import InvalidPayload
    from vedette.events.event import Event
    from vedette.events.event_alert import EventAlertEvent, IssueAlert
    from vedette.events.generic import GenericEvent
    from vedette.events.installation import Installation, InstallationEvent
    from vedette.events.issue import IssueEvent
    from vedette.events.issue_model import Assignee, Issue, IssueMetadata, StatusDetails
    from vedette.events.legacy_webhook import LegacyWebhookEvent
    from vedette.events.metric_alert import AlertRule, MetricAlert, MetricAlertEvent, Trigger
    from vedette.events.parsing import parse
    from vedette.events.preprod_artifact import AppInfo, GitInfo, PreprodArtifactEvent
    from vedette.events.schedule import ScheduleEvent
    from vedette.events.seer import SeerEvent, SeerPullRequest
    from vedette.events.service_hook import ApiEvent, ServiceHookEvent
    from vedette.events.stacktrace import ExceptionValue, Frame
    from vedette.events.stored_event import Occurrence, StoredEvent

_HOMES = {
    "Activity": "vedette.events.activity_alert",
    "ActivityAlertEvent": "vedette.events.activity_alert",
    "Actor": "vedette.events.envelope",
    "Alert": "vedette.events.activity_alert",
    "AlertRule": "vedette.events.metric_alert",
    "ApiEvent": "vedette.events.service_hook",
    "AppInfo": "vedette.events.preprod_artifact",
    "Assignee": "vedette.events.issue_model",
    "CommentEvent": "vedette.events.comment",
    "ErrorEvent": "vedette.events.error",
    "Event": "vedette.events.event",
    "EventAlertEvent": "vedette.events.event_alert",
    "ExceptionValue": "vedette.events.stacktrace",
    "Frame": "vedette.events.stacktrace",
    "GenericEvent": "vedette.events.generic",
    "GitInfo": "vedette.events.preprod_artifact",
    "Installation": "vedette.events.installation",
    "InstallationEvent": "vedette.events.installation",
    "InvalidPayload": "vedette.events.errors",
    "Issue": "vedette.events.issue_model",
    "IssueAlert": "vedette.events.event_alert",
    "IssueEvent": "vedette.events.issue",
    "IssueMetadata": "vedette.events.issue_model",
    "LegacyWebhookEvent": "vedette.events.legacy_webhook",
    "MetricAlert": "vedette.events.metric_alert",
    "MetricAlertEvent": "vedette.events.metric_alert",
    "Occurrence": "vedette.events.stored_event",
    "PreprodArtifactEvent": "vedette.events.preprod_artifact",
    "ProjectRef": "vedette.events.envelope",
    "ScheduleEvent": "vedette.events.schedule",
    "SeerEvent": "vedette.events.seer",
    "SeerPullRequest": "vedette.events.seer",
    "ServiceHookEvent": "vedette.events.service_hook",
    "StatusDetails": "vedette.events.issue_model",
    "StoredEvent": "vedette.events.stored_event",
    "Trigger": "vedette.events.metric_alert",
    "parse": "vedette.events.parsing",
}

__all__ = [
    "Activity",
    "ActivityAlertEvent",
    "Actor",
    "Alert",
    "AlertRule",
    "ApiEvent",
    "AppInfo",
    "Assignee",
    "CommentEvent",
    "ErrorEvent",
    "Event",
    "EventAlertEvent",
    "ExceptionValue",
    "Frame",
    "GenericEvent",
    "GitInfo",
    "Installation",
    "InstallationEvent",
    "InvalidPayload",
    "Issue",
    "IssueAlert",
    "IssueEvent",
    "IssueMetadata",
    "LegacyWebhookEvent",
    "MetricAlert",
    "MetricAlertEvent",
    "Occurrence",
    "PreprodArtifactEvent",
    "ProjectRef",
    "ScheduleEvent",
    "SeerEvent",
    "SeerPullRequest",
    "ServiceHookEvent",
    "StatusDetails",
    "StoredEvent",
    "Trigger",
    "parse",
]

__getattr__ = on_first_use(__name__, _HOMES)
