"""One `vedette up` per state directory: two servers on the same files would destroy them."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from vedette.clear_errors import ClearError


class AlreadyRunningError(ClearError):
    """Another Vedette holds the state directory."""

    def __init__(self, state_dir: Path, holder: str) -> None:
        self.state_dir = state_dir
        self.holder = holder
        super().__init__(
            f"Another Vedette (process {holder or 'unknown'}) runs on {state_dir}: stop it, or give this one a folder "
            "of its own with VEDETTE_STATE_DIR"
        )


@contextmanager
def hold_lock(state_dir: Path) -> Generator[None]:
    """Hold `state_dir` for this process; the system lets go of it when the process ends, however it ends.

    Raises:
        AlreadyRunningError: When another process holds it.
    """
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state_dir / "lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunningError(state_dir, file.read().strip()) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
