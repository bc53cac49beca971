"""For tests of handlers: a simulated Sentry, and deliveries that go to one handler; a pytest plugin brings both."""

from vedette.permissions.grants import Grant
from vedette.testing.delivery import Delivered, Later
from vedette.testing.sentry_world import SentryWorld

__all__ = ["Delivered", "Grant", "Later", "SentryWorld"]
