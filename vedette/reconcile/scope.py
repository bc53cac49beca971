"""Defines the integration and the part of the past that a sweep looks at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vedette.events.deduplication import OCCURRING
from vedette.history.event_payload import ALERT_TRIGGERED, ERROR_CREATED
from vedette.settings.reconcile import ReconcileSettings

REBUILDABLE: Final = (*OCCURRING, ERROR_CREATED, ALERT_TRIGGERED)
"""The events whose webhooks can be rebuilt."""


@dataclass(frozen=True, slots=True)
class SweepTarget:
    """The integration that is swept.

    Attributes:
        integration: Its name.
        tenant: The tenant of its issues.
        sentry_url: The base URL of its Sentry.
        app: Its slug in Sentry; empty if it is not known.
        installation: The uuid of its installation; empty if no delivery has named it.
        wanted: The events that a handler asks for; others are not rebuilt.
        recognised: Seconds for which a repetition is recognised; see `receiver.deduplication_window`.
    """

    integration: str
    tenant: str
    sentry_url: str
    app: str = ""
    installation: str = ""
    wanted: frozenset[str] = frozenset(OCCURRING)
    recognised: float = 86_400.0


@dataclass(frozen=True, slots=True)
class SweepScope:
    """The part of the past that a sweep looks at.

    Attributes:
        since: The begin of the window; None for the last complete sweep. With a begin, known issues are read in detail.
        until: The end of the window; None for now minus `reconcile.grace`.
        names: The events that are rebuilt; empty for all.
        projects: Slugs of the projects that are looked at; empty for all.
        rebuild_all: Whether late and superseded ones are handled like others, without the limit `reconcile.most`.
        dry_run: Whether to find missing webhooks, and to change nothing.
    """

    since: datetime | None = None
    until: datetime | None = None
    names: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    rebuild_all: bool = False
    dry_run: bool = False

    @property
    def is_whole(self) -> bool:
        """Return whether the sweep can move the watermark."""
        return not (self.dry_run or self.names or self.projects or self.since or self.until)


def enabled_events(settings: ReconcileSettings) -> frozenset[str]:
    """Return the webhooks with an event that the settings let workers rebuild."""
    chosen = ((ERROR_CREATED, settings.errors), (ALERT_TRIGGERED, settings.alerts))
    return frozenset(name for name, is_enabled in chosen if is_enabled)
