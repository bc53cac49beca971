"""Parsing of ids in paths, queries and bodies: the texts that Sentry reads as a number."""


def as_id(text: str) -> int | None:
    """Return the id that `text` writes in plain decimal digits, at most as long as 64 bits need; None for all else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(2**64)) else None
