"""Defines the settings of reconciliation, which finds webhooks that did not arrive and rebuilds them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vedette.settings.number_types import DAY, Age, PositiveCount, Timeout

RebuiltResource = Literal["issue", "comment"]
"""A resource with webhooks that can be rebuilt."""


class ReconcileSettings(BaseModel):
    """The sweeps that find webhooks which did not arrive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    interval: Annotated[Timeout, Field(ge=1.0)] = 600.0
    """Seconds between two sweeps of an integration."""
    grace: Timeout = 180.0
    """Seconds for which a webhook may still be on its way; a published integration needs 900, since Sentry retries."""
    overlap: Timeout = 900.0
    """Seconds before the last complete sweep from which the next one looks again."""
    max_age: Annotated[Age, Field(le=7 * DAY)] = DAY
    """Seconds after which a missing webhook is only recorded, unless a handler says `rebuilt="always"`."""
    most: PositiveCount = 500
    """The number of deliveries that one sweep rebuilds; the next one goes on."""
    watch: Age = 14 * DAY
    """Seconds without an event or a change after which an issue is no longer looked at."""
    kinds: tuple[RebuiltResource, ...] = ("issue", "comment")
    """The resources whose webhooks are rebuilt from the history of issues."""
    errors: bool = False
    """Whether `error.created` is rebuilt where a handler asks for it; each missing one takes a call."""
    alerts: bool = True
    """Whether `event_alert.triggered` is rebuilt where a handler asks for it; looked at once an hour."""
