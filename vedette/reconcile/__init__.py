"""Finds webhooks that did not arrive, and rebuilds them from what Sentry's API shows."""
