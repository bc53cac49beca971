"""A simulated Sentry: its Web API, its limits and errors, and its signed webhooks, in memory.

It exists because the real one cannot be had in a test, and because its manners (one attempt, one second, no order) are
what Vedette must withstand. Use it in process through `create_app`, or as a process of its own through
`vedette.simulator.process`.
"""

from vedette.simulator.actors import SENTRY, Actor
from vedette.simulator.app import create_app
from vedette.simulator.demonstration import Demonstration
from vedette.simulator.faults import Fault, Faults, UnknownFaultError
from vedette.simulator.happenings import escalate, record_error, trigger_alert
from vedette.simulator.issues import ErrorReport, Event, Issue
from vedette.simulator.limits import RateLimits
from vedette.simulator.sender import WebhookSender
from vedette.simulator.shop import build_shop
from vedette.simulator.webhook import Webhook
from vedette.simulator.world import World

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
    "record_error",
    "trigger_alert",
]
