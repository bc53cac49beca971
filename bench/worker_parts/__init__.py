"""What bench/workers.py measures: one program per system, each run by the Python that has that system installed."""
