"""Bounds what clients may hold open: connections, heads, uploads, descriptors."""
