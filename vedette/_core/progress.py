"""Defines the interface for showing the progress of long work."""

from typing import Protocol


class Progress(Protocol):
    """A display of progress."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """Show the progress of a phase.

        Args:
            phase: The name, such as `issues read`.
            done: The number of finished items.
            total: The number of all items; None if it is unknown.
        """
        ...


class Silent:
    """A display that shows nothing."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """Show nothing."""
