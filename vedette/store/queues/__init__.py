"""Queues of messages, delayed messages and scheduled jobs."""
