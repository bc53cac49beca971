"""Chooses ports for servers that are started later.

A port that the system chose (0) and that was closed again may be taken meanwhile, by another test or by any outgoing
connection. So these are below the range of outgoing connections (`net.ipv4.ip_local_port_range`), and each process of
pytest-xdist has its own.
"""

import itertools
import os
import random
import socket
from typing import Final

_FIRST: Final = 12_000
_SHARE: Final = 1_000
"""Ports of each process of pytest-xdist."""
_SHARES: Final = 20
_started_at = random.randrange(_SHARE)  # noqa: S311 - so that two runs side by side seldom meet
_numbers = itertools.count(_started_at)


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens, another one at each call."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES
    for number in itertools.islice(_numbers, _SHARE):
        port = _FIRST + process * _SHARE + number % _SHARE
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no port of {_FIRST + process * _SHARE} to {_FIRST + (process + 1) * _SHARE} is free")
