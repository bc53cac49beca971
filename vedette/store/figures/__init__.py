"""Figures of queues, workers, dead letters and refused tokens, read at one moment."""
