"""Raises the limit of open files as far as the receiver needs it, and keeps some of them back.

Each connection is an open file, and so are Redis's connections and the spool's files: with none left, a delivery that
came in could be stored nowhere. Most shells and service managers start processes with a soft limit of 1024.
"""

import resource

import structlog

KEPT_BACK = 96
"""Files for Redis, the spool, the sockets that listen, and the interpreter."""


def raise_file_limit(connections: int) -> None:
    """Raise the soft limit so that `connections` fit, as far as the hard limit allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + KEPT_BACK
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:
        structlog.stdlib.get_logger(__name__).warning(
            "the limit of open files stays as it is", soft=soft, wanted=wanted, problem=str(error)
        )


def connections_within(wanted: int) -> int:
    """Return how many connections fit into the limit of open files; warn when they are fewer than `wanted`."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted + KEPT_BACK:
        return wanted
    possible = max(soft - KEPT_BACK, soft // 2, 1)
    structlog.stdlib.get_logger(__name__).warning(
        "the limit of open files leaves room for fewer connections: raise its hard limit (LimitNOFILE, ulimits)",
        files=soft,
        connections=possible,
        wanted=wanted,
    )
    return possible
