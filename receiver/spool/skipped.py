"""Keeps which entries of the spool's folder had to be passed over, and says so once for each."""

from collections.abc import Collection, Mapping
from pathlib import Path

import structlog

_MOST_SHOWN = 10


class Skipped:
    """Entries of the spool's folder that could not be opened, read or removed."""

    def __init__(self) -> None:
        self._problems: dict[Path, str] = {}

    def add(self, path: Path, problem: str) -> None:
        """Note one more."""
        if self._problems.get(path) != problem:
            log = structlog.stdlib.get_logger(__name__)
            log.error("spool entry skipped: its deliveries stay on the disk", file=str(path), problem=problem)
        self._problems[path] = problem

    def update(self, found: Collection[Path], problems: Mapping[Path, str]) -> None:
        """Note the problems of the entries that were found, and forget entries that are gone."""
        for path in [path for path in self._problems if path not in found]:
            del self._problems[path]
        for path, problem in problems.items():
            self.add(path, problem)

    def shown(self) -> tuple[str, ...]:
        """Return the first ten in words, and how many more there are."""
        words = [f"{path.name}: {problem}" for path, problem in sorted(self._problems.items())]
        more = len(words) - _MOST_SHOWN
        return (*words[:_MOST_SHOWN], *([f"and {more} more"] if more > 0 else []))

    def __len__(self) -> int:
        return len(self._problems)
