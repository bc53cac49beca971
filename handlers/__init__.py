"""Handlers that ship with Vedette, written against the `vedette` package alone, like anyone's plugin."""
