"""Queries and actions of operators, for the command line, the web console and agents alike.

Each function takes an `AdminSession` (the caller and an open Redis client) and returns values; none prints or exits.
"""
