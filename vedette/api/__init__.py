"""Client of the Web API of Sentry."""
