"""Framing commands for Redis by hand: a client library's generic path costs more than storing a delivery does."""

from collections.abc import Sequence


def command(*arguments: bytes) -> bytes:
    """Return one command as it goes over the wire."""
    return b"*%d\r\n" % len(arguments) + bulks(arguments)


def bulks(arguments: Sequence[bytes]) -> bytes:
    """Return arguments as they go over the wire, to be put behind an array's head."""
    return b"".join([b"$%d\r\n%b\r\n" % (len(argument), argument) for argument in arguments])
