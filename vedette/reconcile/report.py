"""Reports a sweep: the number of past events, arrivals, missing and rebuilt webhooks of each kind."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from vedette.store.deliveries.stored_record import Rebuilt

NOT_REBUILT: Final[Mapping[str, str]] = {
    "comment.updated": "the earlier text is in no history",
    "comment.deleted": "a deleted comment leaves no trace",
    "activity_alert.triggered": "the activity that it tells of is in no list of alerts",
    "metric_alert.critical": "the value and the description of the moment are in no public API",
    "metric_alert.warning": "the value and the description of the moment are in no public API",
    "metric_alert.resolved": "the value and the description of the moment are in no public API",
    "metric_alert.open": "the value and the description of the moment are in no public API",
    "seer": "the artifacts of a run cannot be read with an integration's token",
    "preprod_artifact": "the results of a build cannot be read with an integration's token",
    "installation": "it is sent once, and an installation shows no history",
}
"""Webhooks that cannot be rebuilt, and why; a resource alone means all its actions."""


class MissingWebhook(msgspec.Struct, frozen=True):
    """A webhook that did not arrive."""

    name: str
    issue: str
    label: str
    """The issue's short id."""
    title: str
    happened: int
    """When it happened, Unix time in milliseconds."""
    rebuilt: Rebuilt
    """How it was rebuilt, or would be."""
    delivery: str = ""
    """The rebuilt delivery; empty in a dry run, and where the webhook arrived meanwhile."""


class KindFigures(msgspec.Struct):
    """The figures of one event, such as `issue.created`."""

    in_sentry: int = 0
    arrived: int = 0
    """Arrived as webhooks, or rebuilt by an earlier sweep."""
    missing: int = 0
    rebuilt: int = 0
    """Rebuilt and handed to handlers by this sweep."""
    left_out: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """Recorded for no handler, or for those that ask for them: `late`, `superseded`, `own`; or `unreadable`."""


class SweepReport(msgspec.Struct):
    """One sweep."""

    integration: str
    begins: int
    """The begin of the window, Unix time in milliseconds."""
    until: int
    """The end of the window."""
    began: int
    """When the sweep began."""
    ended: int = 0
    dry_run: bool = False
    kinds: dict[str, KindFigures] = msgspec.field(default_factory=dict[str, KindFigures])
    missing: list[MissingWebhook] = msgspec.field(default_factory=list[MissingWebhook])
    """The missing webhooks that were rebuilt, or would be, the oldest first."""
    left: int = 0
    """Missing ones beyond `reconcile.most`; the next sweep continues with them."""
    calls: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """Calls to Sentry, by operation."""
    known: int = 0
    """Known issues."""
    failed: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """Webhooks that Sentry's log has as failed and that cannot be rebuilt, by event."""
    unwanted: list[str] = msgspec.field(default_factory=list[str])
    """The events that are not rebuilt, since no handler asks for them."""
    skipped: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """The events that could not be compared, and why."""
    reached: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """The time up to which errors and alerts were compared, by event, Unix time in milliseconds."""
    created: int = 0
    """Issues created in the window."""
    created_arrived: int = 0
    """Those of them with a webhook that arrived; rebuilt ones did not arrive."""

    def of(self, name: str) -> KindFigures:
        """Return the figures of an event, to be changed."""
        return self.kinds.setdefault(name, KindFigures())

    @property
    def number_of_calls(self) -> int:
        """The number of all calls to Sentry."""
        return sum(self.calls.values())

    @property
    def number_missing(self) -> int:
        """The number of all missing webhooks."""
        return sum(one.missing for one in self.kinds.values())

    def totals(self) -> dict[str, int]:
        """Return what the sweep adds to the totals of all sweeps."""
        found = {f"rebuilt:{name}": one.rebuilt for name, one in self.kinds.items()}
        # Those beyond `most` are missing again in the next sweep, and counted there.
        missing = Counter(one.name for one in self.missing)
        found |= {f"missing:{name}": amount for name, amount in missing.items()}
        return {name: amount for name, amount in (found | {"calls": self.number_of_calls}).items() if amount}

    def to_json_object(self) -> dict[str, Any]:
        """Return the report for programs."""
        return msgspec.to_builtins(self) | {"not_rebuilt": dict(NOT_REBUILT), "number_missing": self.number_missing}
