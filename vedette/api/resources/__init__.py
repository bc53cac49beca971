"""The groups of operations, as attributes of the client: `sentry.issues`, `sentry.teams` and so on."""
