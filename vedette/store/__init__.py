"""Deliveries, runs, queues and access state in Redis."""
