"""For tests of handlers: a simulated Sentry, and deliveries that go to one handler; a pytest plugin brings both."""

from vedette.handling.access.grants import Grant
from vedette.testing.delivering import Delivered
from vedette.testing.later import Later
from vedette.testing.worlds import SentryWorld

__all__ = ["Delivered", "Grant", "Later", "SentryWorld"]
