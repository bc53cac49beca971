"""A client with one kept connection and little of its own, so that what is measured is the server's time."""

import socket
import time


class KeepAlive:
    """One connection to a server on this machine."""

    def __init__(self, url: str, token: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f"Host: x\r\nAuthorization: Bearer {token}\r\nUser-Agent: bench/1\r\n"

    def call(self, method: str, target: str, body: bytes = b"") -> tuple[float, int, int]:
        """Send a request; return the seconds that its answer took, its status and the bytes of its body."""
        extra = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        request = f"{method} {target} HTTP/1.1\r\n{self._head}{extra}\r\n".encode() + body
        began = time.perf_counter()
        self._socket.sendall(request)
        status, size = self._read()
        return time.perf_counter() - began, status, size

    def _read(self) -> tuple[int, int]:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._receive()
        head = data[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        left = length - (len(data) - end - 4)
        while left > 0:
            left -= len(self._receive())
        return int(head[9:12]), length

    def _receive(self) -> bytes:
        piece = self._socket.recv(262144)
        if not piece:
            raise ConnectionError("the server closed the connection")
        return piece

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()
