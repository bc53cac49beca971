"""Alarms: conditions of Vedette itself that are reported to a channel once, and once more when they are over."""
