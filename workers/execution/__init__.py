"""Executes one run: time limits, outcomes, retries, deferred runs."""
