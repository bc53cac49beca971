"""Objects of the simulated Sentry in the JSON of its API and webhooks."""
