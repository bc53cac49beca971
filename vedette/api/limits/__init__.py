"""Sentry's rate limits, kept by all processes of an organization together."""

from vedette.api.limits.headers import RateLimit, read_rate_limit
from vedette.api.limits.limiter import Assumed, Limiter
from vedette.api.limits.transport import LimitedTransport

__all__ = ["Assumed", "LimitedTransport", "Limiter", "RateLimit", "read_rate_limit"]
