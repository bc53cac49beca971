"""Alarms in Redis, and the scripts that decide which of their messages is due."""
