"""Parses search queries and writes them."""
