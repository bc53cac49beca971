"""Queries over the indexes of deliveries and runs: each one script, with a bounded number of steps."""
