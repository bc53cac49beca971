"""`activity_alert` webhooks: an alert on what happens to an issue (status, Seer's steps, pull requests) fired."""

from dataclasses import dataclass
from typing import Any

from vedette.events.kinds.issue import AboutIssue
from vedette.events.payload.alert_form import Setting, by_name
from vedette.events.payload.fields import Identifier, Items, Maybe, Object, Part, Payload
from vedette.events.payload.issue import Issue


class Activity(Payload):
    """The activity of the issue."""

    type: Maybe[str]
    """For example `status_resolved`, `status_escalating`, `seer_pr_created`, `appeared_in_pull_request`."""
    details: Object
    """`user` when a person acted, `summary`, `pull_requests`, `code_changes`, `iteration_index`; may be empty."""


class Alert(Payload):
    """The alert that fired."""

    id: Maybe[Identifier]
    title: Maybe[str]
    sentry_app_id: Maybe[Identifier]
    url: Maybe[str]
    web_url: Maybe[str]
    """The alert's page; older servers put it into `url`."""
    settings: Items[Setting]


class ActivityAlertData(Payload):
    """Content of an `activity_alert` webhook."""

    issue: Issue
    activity: Activity
    alert: Part[Alert]


@dataclass(frozen=True, kw_only=True, repr=False)
class ActivityAlertEvent(AboutIssue):
    """An alert on an issue's activity fired.

    The actor is always Sentry; a person who acted is in `activity.details["user"]`.
    """

    data: ActivityAlertData

    @property
    def issue(self) -> Issue:
        """The issue as it was when Sentry sent the webhook, which may be before the activity took effect."""
        return self.data.issue

    @property
    def activity(self) -> Activity:
        """The activity of the issue."""
        return self.data.activity

    @property
    def alert(self) -> Alert:
        """The alert that fired."""
        return self.data.alert

    @property
    def settings(self) -> dict[str, Any]:
        """The values that the alert's author filled into our form, by field name."""
        return by_name(self.alert.settings)
