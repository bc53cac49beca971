"""Turns a verified request into a stored delivery: body, partial decode, identification, storage."""
