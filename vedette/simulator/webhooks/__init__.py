"""Webhooks of the simulated Sentry: emitting, sending and logging."""
