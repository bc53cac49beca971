"""Shows the progress of long work on a terminal."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from console.rendering.terminal import make_console
from vedette._core.progress import Progress as Told
from vedette._core.progress import Silent


class _Bars:
    """Shows each phase as a bar of its own."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def step(self, phase: str, done: int, total: int | None) -> None:
        """Move a bar on."""
        if phase not in self._tasks:
            self._tasks[phase] = self._bars.add_task(phase, total=total)
        self._bars.update(self._tasks[phase], completed=done, total=total)


@contextmanager
def shown_progress() -> Generator[Told]:
    """Show progress on standard error while the block runs, where that is a terminal."""
    console = make_console(stderr=True)
    if not console.is_terminal:
        yield Silent()
        return
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        yield _Bars(bars)
