"""Holds the state directory for one `vedette up`: two servers on the same files would destroy them."""

import errno
import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from vedette._core.user_error import UserError


class AlreadyRunningError(UserError):
    """Another Vedette holds the state directory."""

    def __init__(self, state_dir: Path, holder: str) -> None:
        self.state_dir = state_dir
        self.holder = holder
        super().__init__(
            f"Another Vedette (process {holder or 'unknown'}) runs on {state_dir}: stop it, or give this one a folder "
            "of its own with VEDETTE_STATE_DIR"
        )


class UnusableStateDirectoryError(UserError):
    """The state directory cannot be used."""

    exit_code = 2

    def __init__(self, state_dir: Path, path: Path, reason: str) -> None:
        self.state_dir = state_dir
        self.path = path
        super().__init__(
            f"The state directory {state_dir} cannot be used ({path}: {reason}): let this user write to it, or set "
            "another with VEDETTE_STATE_DIR (`state_dir` in the settings file)"
        )


@contextmanager
def usable(state_dir: Path) -> Generator[None]:
    """Turn what the system says of a state directory into a sentence.

    Raises:
        UnusableStateDirectoryError: It cannot be made, read or written.
    """
    try:
        yield
    except OSError as error:
        path = Path(str(error.filename)) if error.filename else state_dir
        raise UnusableStateDirectoryError(state_dir, path, error.strerror or str(error)) from None


def check_state_dir(state_dir: Path) -> None:
    """Check that a state directory can be written and holds no files of another user; a missing one is accepted.

    Raises:
        UnusableStateDirectoryError: It cannot be used.
    """
    with usable(state_dir):
        if not state_dir.is_dir():
            if os.path.lexists(state_dir):
                raise NotADirectoryError(errno.ENOTDIR, "it is no folder", str(state_dir))
            return
        # Files of another user, as after one start with sudo, would make the server fail with a long message.
        for path in (state_dir, *state_dir.iterdir()):
            if not path.is_symlink() and not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, "this user may not write it", str(path))


@contextmanager
def hold_lock(state_dir: Path) -> Generator[None]:
    """Hold `state_dir` for this process; the system lets go of it when the process ends, however it ends.

    Raises:
        AlreadyRunningError: When another process holds it.
        UnusableStateDirectoryError: It cannot be used.
    """
    with usable(state_dir):
        file = _locked(state_dir)
    with file:
        yield


def _locked(state_dir: Path) -> TextIO:
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (state_dir / "lock").open("a+", encoding="ascii", errors="replace")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise AlreadyRunningError(state_dir, holder) from None
    except OSError:
        file.close()
        raise
    return file
