"""Faults on request, and the responses that they cause."""
