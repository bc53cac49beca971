"""Connects the receiver to Redis: address, pipelined protocol, reconnection, group commit, retention."""
