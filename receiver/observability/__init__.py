"""Metrics, the log of rejected requests and the reporting of errors."""
