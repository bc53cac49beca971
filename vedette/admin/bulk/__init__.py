"""Orders on many things at once: planned, carried out with progress, stopped."""
