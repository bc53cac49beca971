"""A simulated Sentry."""
