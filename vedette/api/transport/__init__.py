"""The layers that a request to Sentry passes: retries, regions, deprecations, HTTP."""
