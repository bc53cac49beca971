"""Actors of changes, and their form in webhooks.

A trap of Sentry's is simulated too: when any integration acts, it writes the uuid of the integration that *receives*
the webhook, not of the acting one, so an action by another integration looks like an own action.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vedette.simulator.world.integrations import Integration
    from vedette.simulator.world.people import User


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an integration, or (with neither) Sentry itself."""

    user: User | None = None
    integration: Integration | None = None

    @property
    def key(self) -> str:
        """One text per actor, for "the same text by the same user"."""
        if self.user:
            return f"user:{self.user.id}"
        return f"integration:{self.integration.slug}" if self.integration else "sentry"

    def as_webhook(self, receiving: Integration) -> dict[str, Any]:
        """Return the envelope's `actor` for the integration that will receive it."""
        if self.user:
            return {"type": "user", "id": self.user.id, "name": self.user.name}
        if self.integration:
            return {"type": "application", "id": receiving.uuid, "name": receiving.name}
        return {"type": "application", "id": "sentry", "name": "Sentry"}


SENTRY = Actor()
"""Sentry itself: new issues, errors, alerts, regressions, escalations."""
