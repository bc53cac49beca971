"""Reads rule files: schema, positions, messages, locations."""
