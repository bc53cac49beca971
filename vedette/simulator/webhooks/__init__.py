"""Webhooks of the simulated Sentry: what is emitted, sent and logged."""
