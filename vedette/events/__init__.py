"""Provides typed events: `parse(resource, body)` returns an `Event`, one class per resource.

The receiver asks only what kinds there are, so the models are imported when they are first used.
"""

from typing import TYPE_CHECKING

from vedette._core.lazy_imports import make_lazy_getattr

if TYPE_CHECKING:
    from vedette.events.errors import InvalidPayload
    from vedette.events.event import Event
    from vedette.events.event_parsing import parse
    from vedette.events.kinds.activity_alert import Activity, ActivityAlertEvent, Alert
    from vedette.events.kinds.comment import CommentEvent
    from vedette.events.kinds.error import ErrorEvent
    from vedette.events.kinds.event_alert import EventAlertEvent, IssueAlert
    from vedette.events.kinds.generic import GenericEvent
    from vedette.events.kinds.installation import Installation, InstallationEvent
    from vedette.events.kinds.issue import IssueEvent
    from vedette.events.kinds.legacy_webhook import LegacyWebhookEvent
    from vedette.events.kinds.metric_alert import AlertRule, MetricAlert, MetricAlertEvent, Trigger
    from vedette.events.kinds.preprod_artifact import AppInfo, GitInfo, PreprodArtifactEvent
    from vedette.events.kinds.schedule import ScheduleEvent
    from vedette.events.kinds.seer import SeerEvent, SeerPullRequest
    from vedette.events.kinds.service_hook import ApiEvent, ServiceHookEvent
    from vedette.events.payload.envelope import Actor, ProjectRef
    from vedette.events.payload.issue import Assignee, Issue, IssueMetadata, StatusDetails
    from vedette.events.payload.stacktrace import ExceptionValue, Frame
    from vedette.events.payload.stored_event import Occurrence, StoredEvent

_HOMES = {
    "Activity": "vedette.events.kinds.activity_alert",
    "ActivityAlertEvent": "vedette.events.kinds.activity_alert",
    "Actor": "vedette.events.payload.envelope",
    "Alert": "vedette.events.kinds.activity_alert",
    "AlertRule": "vedette.events.kinds.metric_alert",
    "ApiEvent": "vedette.events.kinds.service_hook",
    "AppInfo": "vedette.events.kinds.preprod_artifact",
    "Assignee": "vedette.events.payload.issue",
    "CommentEvent": "vedette.events.kinds.comment",
    "ErrorEvent": "vedette.events.kinds.error",
    "Event": "vedette.events.event",
    "EventAlertEvent": "vedette.events.kinds.event_alert",
    "ExceptionValue": "vedette.events.payload.stacktrace",
    "Frame": "vedette.events.payload.stacktrace",
    "GenericEvent": "vedette.events.kinds.generic",
    "GitInfo": "vedette.events.kinds.preprod_artifact",
    "Installation": "vedette.events.kinds.installation",
    "InstallationEvent": "vedette.events.kinds.installation",
    "InvalidPayload": "vedette.events.errors",
    "Issue": "vedette.events.payload.issue",
    "IssueAlert": "vedette.events.kinds.event_alert",
    "IssueEvent": "vedette.events.kinds.issue",
    "IssueMetadata": "vedette.events.payload.issue",
    "LegacyWebhookEvent": "vedette.events.kinds.legacy_webhook",
    "MetricAlert": "vedette.events.kinds.metric_alert",
    "MetricAlertEvent": "vedette.events.kinds.metric_alert",
    "Occurrence": "vedette.events.payload.stored_event",
    "PreprodArtifactEvent": "vedette.events.kinds.preprod_artifact",
    "ProjectRef": "vedette.events.payload.envelope",
    "ScheduleEvent": "vedette.events.kinds.schedule",
    "SeerEvent": "vedette.events.kinds.seer",
    "SeerPullRequest": "vedette.events.kinds.seer",
    "ServiceHookEvent": "vedette.events.kinds.service_hook",
    "StatusDetails": "vedette.events.payload.issue",
    "StoredEvent": "vedette.events.payload.stored_event",
    "Trigger": "vedette.events.kinds.metric_alert",
    "parse": "vedette.events.event_parsing",
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

__getattr__ = make_lazy_getattr(__name__, _HOMES)
