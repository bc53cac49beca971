"""The gate between principals and Sentry: it authorizes, limits and records each call."""
