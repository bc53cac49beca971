"""Stored deliveries, their journal and their expiry."""
