"""Typed content of deliveries: `parse(resource, body)` gives an `Event`, one class per resource."""

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
