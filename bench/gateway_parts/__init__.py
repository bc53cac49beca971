"""The parts of bench/gateway.py: a Sentry with canned answers, and a client that keeps its connection."""
