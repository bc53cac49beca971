"""Runs of handlers: attempts, outcomes, dead letters."""
