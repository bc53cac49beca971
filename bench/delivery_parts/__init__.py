"""The parts of bench/deliveries.py."""
