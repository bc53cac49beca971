"""Defines the evidence that the checks of one integration judge; gathering it is a matter of other modules.

Each part is None where it was not gathered. All times are Unix times in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from vedette.api.models import App
from vedette.checks.demand import Demand
from vedette.store.receivers.receiver_status import ReceiverStatus

ALERT_RESOURCES: Final = ("event_alert", "activity_alert", "metric_alert")
"""Sent without a subscription, by the switch Alert Rule Action of the integration."""
SUBSCRIBED_RESOURCES: Final = ("issue", "error", "comment", "seer", "preprod_artifact")
"""Sent through the integration's service hook (getsentry/sentry sentry_apps.py, `send_webhooks`)."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """A question that Sentry did not answer."""

    status: int | None
    """The HTTP status; None where no answer came."""
    sentence: str
    """The cause and what to do, as the API client puts it."""
    scope: str = ""
    """A scope that would allow it; empty where none would."""


@dataclass(frozen=True, slots=True)
class TokenEvidence:
    """The API token, as Sentry sees it."""

    kind: str
    """`integration`, `user`, `app`, `organization`, `DSN` or `unknown`."""
    scopes: frozenset[str] | None = None
    """The scopes that it holds, with those they include; None where Sentry did not say."""
    problem: Unasked | None = None


@dataclass(frozen=True, slots=True)
class AppEvidence:
    """The organization's custom integrations, and which of them is ours."""

    app: App | None = None
    candidates: tuple[str, ...] = ()
    """The slugs of all."""
    wanted: str = ""
    """The slug in the settings, if there is one."""
    problem: Unasked | None = None


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """A line of Sentry's delivery log."""

    event: str
    """Such as `issue.created`."""
    status: int
    """0 for a timeout, -1 for a failed connection."""
    when: float
    url: str = ""
    request_id: str = ""

    @property
    def resource(self) -> str:
        """The resource of the event."""
        return self.event.partition(".")[0]


@dataclass(frozen=True, slots=True)
class LogEvidence:
    """The newest lines of the delivery log, the newest first; at most 100 over all events."""

    lines: tuple[LoggedDelivery, ...] = ()
    problem: Unasked | None = None


@dataclass(frozen=True, slots=True)
class BornIssue:
    """An issue that Sentry created within the window."""

    id: str
    label: str
    project: str
    first_seen: float
    has_arrived: bool


@dataclass(frozen=True, slots=True)
class BirthEvidence:
    """The issues that were born in Sentry in a time, and whether `issue.created` of each arrived."""

    since: float
    until: float
    issues: tuple[BornIssue, ...] = ()
    problem: Unasked | None = None

    @property
    def missing(self) -> tuple[BornIssue, ...]:
        """Those without an arrived webhook, the earliest first."""
        return tuple(sorted((one for one in self.issues if not one.has_arrived), key=lambda one: one.first_seen))


@dataclass(frozen=True, slots=True)
class DoorEvidence:
    """The arrivals, and the reports of the receivers."""

    last: Mapping[str, float] = field(default_factory=dict[str, float])
    """Resource -> when its latest delivery was accepted for this integration."""
    receivers: tuple[ReceiverStatus, ...] = ()
    """The reports of the last day, the newest first."""
    server_time: float = 0.0
    """The clock of the Redis server, by which reports are dated."""

    @property
    def live(self) -> tuple[ReceiverStatus, ...]:
        """Those that are running."""
        return tuple(one for one in self.receivers if one.is_live(self.server_time))

    def last_rejection(self, reason: str, integration: str) -> float:
        """Return when a request was last rejected for a reason; 0 for never."""
        found = (one.last_rejection(reason, integration) for one in self.receivers)
        return max((one.last / 1000 for one in found if one is not None), default=0.0)


UrlState = Literal[
    "receiver",
    "redirect",
    "login_page",
    "other_server",
    "not_found",
    "proxy_error",
    "tls",
    "dns",
    "refused",
    "timeout",
    "accepts_unsigned",
]


@dataclass(frozen=True, slots=True)
class UrlEvidence:
    """The answer to an unsigned request to the public URL, sent from here."""

    url: str
    state: UrlState
    """`receiver` for our own 401."""
    detail: str = ""
    """The redirect's target, the certificate's problem, the server's name."""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class AlertEvidence:
    """The organization's alerts with an action of this integration."""

    count: int = 0
    last_triggered: float = 0.0
    """0 where none of them has been triggered."""
    problem: Unasked | None = None


@dataclass(frozen=True, slots=True)
class OrganizationEvidence:
    """The organization, as the token reaches it."""

    region: str = ""
    """The address of the region that has its data."""
    features: frozenset[str] | None = None
    """Its feature flags; None where Sentry did not name them."""
    problem: Unasked | None = None


@dataclass(frozen=True, slots=True)
class IntegrationEvidence:
    """All that is known about one integration at a time."""

    integration: str
    now: float
    organization: str
    sentry_url: str
    demand: Demand
    public_url: str | None = None
    is_saas: bool = True
    is_private: bool = False
    """Whether the public URL leads to addresses that the internet does not route."""
    server_version: str = ""
    """Sentry's version, as its webhooks name it; empty where none has arrived."""
    token: TokenEvidence | None = None
    app: AppEvidence | None = None
    log: LogEvidence | None = None
    births: BirthEvidence | None = None
    door: DoorEvidence | None = None
    url: UrlEvidence | None = None
    about: OrganizationEvidence | None = None
    """The organization."""
    alerts: AlertEvidence | None = None

    @property
    def settings_url(self) -> str:
        """The page of the custom integrations in Sentry."""
        return f"{self.sentry_url}/settings/{self.organization}/developer-settings/"

    @property
    def app_name(self) -> str:
        """The name of the integration in Sentry; `NAME` if unknown."""
        return self.app.app.name if self.app and self.app.app and self.app.app.name else "NAME"

    def last_arrival(self, resources: tuple[str, ...]) -> float:
        """Return when the latest delivery of these resources was accepted; 0 for never."""
        return max((self.door.last.get(one, 0.0) for one in resources), default=0.0) if self.door else 0.0
