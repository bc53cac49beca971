"""Decides which rules match an event."""
