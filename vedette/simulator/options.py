"""Options of the simulated Sentry as a process of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vedette.simulator.web.rate_limits import RateLimits
from vedette.simulator.world.world import FIRST_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from vedette.simulator.world.server_profile import ServerName

TOKEN_SCOPES = ("event:admin", "project:admin", "project:releases", "org:admin", "team:admin", "member:admin")
"""What the demonstration's token holds; with all that it implies."""


@dataclass(slots=True)
class SimulatorOptions:
    """Options of the process. Secrets come as values: read them from a variable or a file, never from argv.

    Attributes:
        host: address to listen on; keep it on loopback, the control routes can change everything.
        port: 0 takes a free one.
        organization: the organization's slug.
        token: the API token it accepts.
        client_secret: the secret its webhooks are signed with.
        webhook_url: the address for webhooks; None sends none.
        events: the resources that the integration subscribes to.
        scopes: the scopes of the token, before Sentry's hierarchy expands it.
        demonstration: whether incidents happen automatically.
        pace: seconds between incidents, on average.
        seed: makes the demonstration repeatable.
        limits: the API's rate limits.
        latency: seconds that every API answer takes.
        past: issues of the last weeks that it begins with, together with what people did about them.
        kept: the share of their decisions about those in which people keep their habits, from 0 to 1.
        lost: seconds before the start that it has lived through while its webhooks were lost.
        server: the kind of server that it simulates.
        first_id: the id before that of the first issue; another one in each run, and nothing of a run before is met.
        ready: called once with the base URL when it accepts connections.
    """

    host: str = "127.0.0.1"
    port: int = 0
    organization: str = "harbour-shop"
    token: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    webhook_url: str | None = None
    events: tuple[str, ...] = ("issue", "error", "comment")
    scopes: tuple[str, ...] = TOKEN_SCOPES
    demonstration: bool = True
    pace: float = 3.0
    seed: int = 0
    limits: RateLimits = field(default_factory=RateLimits)
    latency: float = 0.0
    past: int = 0
    kept: float = 0.75
    lost: float = 0.0
    server: ServerName = "saas"
    first_id: int = FIRST_ID
    ready: Callable[[str], None] | None = None
