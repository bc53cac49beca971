"""The systems that are measured have one form: an HTTP server that takes webhooks, and workers."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CASES = ("unwanted", "no-op", "no match", "one write", "four writes")
"""Unwanted; a handler that does nothing; ten rules of which none matches; a GET and one or four writes."""
WRITES = {"one write": 1, "four writes": 4}


@dataclass(frozen=True)
class Running:
    """A system that runs."""

    port: int
    receiver: int
    """The session of its HTTP server."""
    workers: int
    """The session of its workers."""
    done: Path
    """A file to which a handler that does nothing adds a byte."""
    counts_queue: bool = False
    """Whether its work is done when its queues are empty; else when the byte or the write is there."""


class System(Protocol):
    """A system."""

    @property
    def name(self) -> str:
        """Its name in the report."""
        ...

    def running(
        self, case: str, redis_url: str, sentry: str, folder: Path, *, workers: int = 1
    ) -> AbstractContextManager[Running]:
        """Run it for one case."""
        ...
