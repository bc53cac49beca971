"""The control routes by which programs on the same machine direct the simulated Sentry."""
