"""How far a trial is, for whoever shows it."""

from typing import Protocol


class Progress(Protocol):
    """Is told of each step."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """So many of a phase are done.

        Args:
            phase: in words: `issues taken`.
            done: how many.
            total: of how many; None where nobody knows.
        """
        ...


class Silent:
    """Shows nothing."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """Show nothing."""
