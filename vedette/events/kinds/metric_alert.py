"""`metric_alert` webhooks: a metric crossed one of its alert's thresholds, or came back."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from vedette.events.event import Event
from vedette.events.payload.alert_form import Setting, by_name
from vedette.events.payload.envelope import ProjectRef
from vedette.events.payload.fields import Identifier, Items, Maybe, Object, Part, Payload, Timestamp


class TriggerAction(Payload):
    """The recipients of a trigger."""

    id: Maybe[Identifier]
    type: Maybe[str]
    target_type: Maybe[str]
    target_identifier: Maybe[Identifier]
    sentry_app_id: Maybe[Identifier]
    desc: Maybe[str]
    settings: Items[Setting]


class Trigger(Payload):
    """One threshold of an alert rule."""

    id: Maybe[Identifier]
    label: Maybe[str]
    """`critical` or `warning`."""
    threshold_type: Maybe[int]
    alert_threshold: Maybe[float]
    resolve_threshold: Maybe[float]
    actions: Items[TriggerAction]
    """May be empty for monitors of Sentry's newer engine, which loses the settings in them."""


class AlertRule(Payload):
    """The rule behind the alert."""

    id: Maybe[Identifier]
    """Made up by Sentry when the monitor never was an alert rule: its API may not know it."""
    name: Maybe[str]
    organization_id: Maybe[Identifier]
    dataset: Maybe[str]
    query: Maybe[str]
    aggregate: Maybe[str]
    threshold_type: Maybe[int]
    """0 above, 1 below, 2 both."""
    resolve_threshold: Maybe[float]
    time_window: Maybe[float]
    """Minutes."""
    environment: Maybe[str]
    projects: Items[str]
    owner: Maybe[str]
    """`team:ID` or `user:ID`."""
    detection_type: Maybe[str]
    """static, percent, dynamic."""
    event_types: Items[str]
    triggers: Items[Trigger]
    created_by: Object = Field(repr=False)
    date_created: Maybe[Timestamp]
    date_modified: Maybe[Timestamp]


class MetricAlert(Payload):
    """The incident: one stretch of time in which the alert is not resolved."""

    id: Maybe[Identifier]
    """Made up by Sentry for alerts of its newer engine: its API may not know it."""
    identifier: Maybe[Identifier]
    organization_id: Maybe[Identifier]
    projects: Items[str]
    """Slugs."""
    alert_rule: Part[AlertRule]
    title: Maybe[str]
    status: Maybe[int]
    """2 closed and 20 critical have been seen; 1 open and 10 warning are said to exist."""
    status_method: Maybe[int]
    type: Maybe[int]
    date_started: Maybe[Timestamp]
    date_detected: Maybe[Timestamp]
    date_created: Maybe[Timestamp]
    date_closed: Maybe[Timestamp]


class MetricAlertData(Payload):
    """Content of a `metric_alert` webhook."""

    metric_alert: MetricAlert
    description_title: Maybe[str]
    """For people: `Critical: <name>`."""
    description_text: Maybe[str]
    """For people, and the only field with the measured value."""
    web_url: Maybe[str]


@dataclass(frozen=True, kw_only=True, repr=False)
class MetricAlertEvent(Event):
    """A metric alert changed its state; the state is the action. The payload names no issue."""

    data: MetricAlertData

    @property
    def metric_alert(self) -> MetricAlert:
        """The incident."""
        return self.data.metric_alert

    @property
    def alert_rule(self) -> AlertRule:
        """The rule behind it."""
        return self.data.metric_alert.alert_rule

    @property
    def project_slugs(self) -> list[str]:
        """All projects that the alert watches."""
        return self.metric_alert.projects or self.alert_rule.projects

    @property
    def project(self) -> ProjectRef:
        """The slug of the one project that the alert watches; empty when it watches several."""
        match self.project_slugs:
            case [slug]:
                return ProjectRef(slug=slug)
            case _:
                return ProjectRef()

    @property
    def title(self) -> str | None:
        """The alert's name."""
        return self.metric_alert.title or self.alert_rule.name

    @property
    def web_url(self) -> str | None:
        """The alert's page."""
        return self.data.web_url

    @property
    def organization_id(self) -> str | None:
        """Id of the organization."""
        return self.metric_alert.organization_id or self.alert_rule.organization_id

    @property
    def environment(self) -> str | None:
        """The environment that the alert is limited to, if any."""
        return self.alert_rule.environment

    @property
    def settings(self) -> dict[str, Any]:
        """The values that the alert's author filled in, from all actions; see `Trigger.actions` for a gap."""
        actions = (action for trigger in self.alert_rule.triggers for action in trigger.actions)
        return by_name(setting for action in actions for setting in action.settings)
