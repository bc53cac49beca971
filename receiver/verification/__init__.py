"""Verifies the sender of a request: delivery sources, signatures, secrets and headers."""
