"""Evaluates search conditions on facts."""
