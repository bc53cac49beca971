"""Limits the resources that clients hold: connections, request heads, uploads, file descriptors."""
