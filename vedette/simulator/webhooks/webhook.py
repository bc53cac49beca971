"""A webhook as the simulated world emits it, before it has a receiver: event, object and actor."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vedette.simulator.world.actors import Actor
    from vedette.simulator.world.integrations import Integration


@dataclass(frozen=True, slots=True)
class Webhook:
    """One event of which integrations may be notified.

    `subject` is what Sentry's own delivery log names as such: event id, issue id, comment id.
    """

    resource: str
    action: str
    data: dict[str, Any]
    actor: Actor
    subject: str

    def envelope(self, receiving: Integration) -> dict[str, Any]:
        """Return the whole payload, keys in Sentry's order."""
        return {
            "action": self.action,
            "installation": {"uuid": receiving.installation},
            "data": self.data,
            "actor": self.actor.as_webhook(receiving),
        }

    def body(self, receiving: Integration) -> bytes:
        """Return the bytes on the wire: compact and ASCII, as Sentry's serialiser writes them."""
        return json.dumps(self.envelope(receiving), separators=(",", ":")).encode("ascii")


Listener = Callable[[Webhook], None]
"""Called with every webhook that the world emits, at once and in order; must not block."""
