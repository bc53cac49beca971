"""A proxy in front of Redis that acts when a command passes, so that a process can be killed at a chosen point."""

import contextlib
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_CHUNK: Final = 262_144


@dataclass
class Point:
    """A place in what a process sends to Redis.

    Attributes:
        text: Bytes of the command.
        number: Which of the commands with these bytes.
        act: Called once, in a thread of the proxy.
        is_sent: Whether the command reaches Redis before; its reply never comes.
    """

    text: bytes
    act: Callable[[], None]
    number: int = 1
    is_sent: bool = False
    reached: threading.Event = field(default_factory=threading.Event)


class RedisProxy:
    """A TCP server that passes on what a client sends."""

    def __init__(self, url: str) -> None:
        self._upstream = url
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        self._lock = threading.Lock()
        self._point: Point | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def watch(self, point: Point | None) -> None:
        """Wait for a point; the one before is forgotten."""
        with self._lock:
            self._point = point

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = _connect(self._upstream)
        threading.Thread(target=_pump, args=(server, client), daemon=True).start()
        tail = b""
        with contextlib.suppress(OSError):
            while data := client.recv(_CHUNK):
                # A command may be split: the part before this one is looked at again, but for what was counted.
                tail = self._look(tail, data, server)
        for each in (client, server):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _look(self, tail: bytes, data: bytes, server: socket.socket) -> bytes:
        """Pass on a part, unless the point is in it; return what may be the beginning of its text."""
        with self._lock:
            point = self._point
            if point is None or point.reached.is_set():
                server.sendall(data)
                return b""
            seen = (tail + data).count(point.text)
            if seen < point.number:
                point.number -= seen
                server.sendall(data)
                at = (tail + data).rfind(point.text)
                rest = (tail + data)[at + len(point.text) :] if at >= 0 else tail + data
                return rest[-len(point.text) + 1 :]
            if point.is_sent:
                server.sendall(data)
            point.act()
            point.reached.set()
            raise ConnectionAbortedError


def _connect(url: str) -> socket.socket:
    found = urlsplit(url)
    if found.scheme == "unix":
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.connect(str(Path(found.path)))
        return made
    return socket.create_connection((found.hostname or "127.0.0.1", found.port or 6379))


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)


@contextmanager
def redis_proxy(url: str) -> Generator[RedisProxy]:
    """Run a proxy in front of a Redis on this machine."""
    proxy = RedisProxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
