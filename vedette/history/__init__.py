"""Reconstructs webhooks that Sentry sent, or did not send, from the history of an issue."""
