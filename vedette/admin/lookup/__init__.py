"""Looks up single things: an issue, the outcome of a delivery, a plugin, refused requests, the settings in force."""
