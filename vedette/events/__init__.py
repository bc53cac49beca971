"""Typed content of deliveries."""
