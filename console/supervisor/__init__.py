"""Starts and supervises the processes of `vedette up`."""
