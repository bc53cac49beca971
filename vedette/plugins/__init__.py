"""Discovers plugins, and prepares their handlers and providers to be called."""
