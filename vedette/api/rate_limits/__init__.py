"""Sentry's rate limits, kept by all processes of an organization together."""

from vedette.api.rate_limits.headers import RateLimit, read_rate_limit
from vedette.api.rate_limits.limiter import AssumedLimits, Limiter
from vedette.api.rate_limits.transport import LimitedTransport

__all__ = ["AssumedLimits", "LimitedTransport", "Limiter", "RateLimit", "read_rate_limit"]
