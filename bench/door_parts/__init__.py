"""The parts of bench/door.py."""
