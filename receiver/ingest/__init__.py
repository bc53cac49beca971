"""Turns a verified request into a stored delivery: body, record, storage."""
