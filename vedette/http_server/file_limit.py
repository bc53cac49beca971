"""Raises the limit of open files for a server's connections, and reserves some files for storage.

Client connections, Redis connections and spool files are all open files: with none left, an accepted request could not
be stored. Most shells and service managers start processes with a soft limit of 1024.
"""

import resource

import structlog

RESERVED_FILES = 96
"""Open files for Redis, the spool, listening sockets and the interpreter."""


def raise_file_limit(connections: int) -> None:
    """Raise the soft limit for this number of connections, up to the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + RESERVED_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:
        structlog.stdlib.get_logger(__name__).warning(
            "the limit of open files cannot be raised", soft=soft, wanted=wanted, problem=str(error)
        )


def fit_connections(wanted: int) -> int:
    """Return the number of connections that the limit of open files allows; log a warning below `wanted`."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted + RESERVED_FILES:
        return wanted
    possible = max(soft - RESERVED_FILES, soft // 2, 1)
    structlog.stdlib.get_logger(__name__).warning(
        "the limit of open files leaves room for fewer connections: raise its hard limit (LimitNOFILE, ulimits)",
        files=soft,
        connections=possible,
        wanted=wanted,
    )
    return possible
