"""Connects the receiver to Redis: reconnection, group commit, response timeout, retention."""
