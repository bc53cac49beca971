"""The validated rule."""
