"""How handlers are written, found and called."""
