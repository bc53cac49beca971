"""A simulated Sentry: its Web API, its limits and errors, and its signed webhooks, in memory.

It exists because the real one is not available in tests, and because Vedette must withstand its behaviour (one attempt,
one second, no order). Use it in process through `create_app`, or as a process of its own through
`vedette.simulator.process`.
"""

from vedette.simulator.demo.demo import Demonstration
from vedette.simulator.demo.shop import build_shop
from vedette.simulator.faults.faults import Fault, Faults, UnknownFaultError
from vedette.simulator.web.app import create_app
from vedette.simulator.web.rate_limits import RateLimits
from vedette.simulator.webhooks.sender import WebhookSender
from vedette.simulator.webhooks.webhook import Webhook
from vedette.simulator.world import builders as population
from vedette.simulator.world import comments as notes
from vedette.simulator.world import transitions as status
from vedette.simulator.world.actors import SENTRY, Actor
from vedette.simulator.world.incidents import escalate, record_error, trigger_alert
from vedette.simulator.world.issues import ErrorReport, Event, Issue
from vedette.simulator.world.world import World

__all__ = [
    "SENTRY",
    "Actor",
    "Demonstration",
    "ErrorReport",
    "Event",
    "Fault",
    "Faults",
    "Issue",
    "RateLimits",
    "UnknownFaultError",
    "Webhook",
    "WebhookSender",
    "World",
    "build_shop",
    "create_app",
    "escalate",
    "notes",
    "population",
    "record_error",
    "status",
    "trigger_alert",
]
