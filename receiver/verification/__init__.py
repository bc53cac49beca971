"""Checks who sent a request: signatures, secrets and the headers that name them."""
