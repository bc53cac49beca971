"""Keeps the tokens of agents, the use that they make of them, and the reads that wait for the audit."""
