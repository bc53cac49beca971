"""Sentry's REST API as agents see it: a request becomes a call of the table, and an answer a response."""
