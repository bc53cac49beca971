"""The parts of bench/receiver.py."""
