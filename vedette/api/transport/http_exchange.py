"""Sends requests to one host and reads the answers in bounds: the seam between the client and an HTTP library.

Calls go by aiohttp, since it takes a quarter of the processor time that httpx2 does (docs/decisions/transport.md has
the figures). Where a proxy is configured they go by httpx2, which reads the environment's proxy variables as curl does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies

LONGEST_ERROR: Final = 256 * 1024
"""Bytes of an error's page that are read."""


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Options of the HTTP connection; times in seconds."""

    connect: float = 5.0
    read: float = 25.0
    total: float = 30.0
    """For the whole exchange, so that an answer that only drips ends too."""
    largest: int = 32 * 1024 * 1024
    """Bytes of an answer, decompressed, that are read at most."""
    connections: int = 20
    keep_alive: float = 30.0
    proxy: str | None = field(default=None, repr=False)
    """URL of a proxy, which may hold a password; else HTTPS_PROXY and its siblings count."""
    certificate_authority: Path | None = None
    """PEM file of one's own authority, for a self-hosted Sentry."""


class HttpAnswer(NamedTuple):
    """The bytes of an answer, decompressed. Of an error's page only the beginning is there."""

    status: int
    headers: dict[str, str]
    """Names in lower case; the values of repeated ones joined by commas."""
    content: bytes


class HttpExchange(Protocol):
    """One HTTP library, set up for one host: it follows no redirect, keeps no cookie and repeats no request."""

    async def send(self, method: str, target: str, body: bytes | None, *, is_new: bool) -> HttpAnswer:
        """Send a request and read the answer.

        Args:
            method: The method.
            target: Path and query, percent-encoded.
            body: JSON.
            is_new: Open a connection for this request alone. A server may close a kept one at the moment of its next
                use, and then it is unknown whether the request arrived.

        Raises:
            NoAnswerError: No answer came, or none that HTTP allows.
            TooLargeError: The answer is larger than allowed.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class NoAnswerError(Exception):
    """An exchange that failed.

    Attributes:
        cause: The name that httpx gives to this kind of failure: `ConnectError`, `ReadTimeout`.
        is_timeout: True if time ran out.
        is_broken_encoding: True if the answer came and its content encoding is broken.
    """

    def __init__(
        self, cause: str, text: str = "", *, is_timeout: bool = False, is_broken_encoding: bool = False
    ) -> None:
        super().__init__(text)
        self.cause = cause
        self.is_timeout = is_timeout
        self.is_broken_encoding = is_broken_encoding

    def copy(self) -> "NoAnswerError":
        """Return the same as an error of its own, without a traceback."""
        return NoAnswerError(
            self.cause, str(self), is_timeout=self.is_timeout, is_broken_encoding=self.is_broken_encoding
        )


class TooLargeError(Exception):
    """An answer of more bytes than are read.

    Attributes:
        status: Its status.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class BodyBuffer:
    """Collects the pieces of a body, decompressed one by one, so that no small answer becomes a large one in memory.

    Of an error's page the beginning is enough; of an answer a part would be a wrong one.
    """

    __slots__ = ("_is_error", "_largest", "_pieces", "_size", "_status")

    def __init__(self, status: int, largest: int) -> None:
        self._status = status
        self._is_error = status >= HTTPStatus.MULTIPLE_CHOICES
        self._largest = largest
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> bool:
        """Add a piece, and return whether more are wanted.

        Raises:
            TooLargeError: With it the answer is larger than allowed.
        """
        self._pieces.append(piece)
        self._size += len(piece)
        if self._is_error and self._size >= LONGEST_ERROR:
            return False
        if self._size > self._largest:
            raise TooLargeError(self._status)
        return True

    def content(self) -> bytes:
        """Return the pieces that were added."""
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


def join_headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by their names in lower case; the values of repeated ones are joined by commas."""
    joined: dict[str, str] = {}
    for given, value in pairs:
        name = given.lower()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def make_exchange(base_url: str, headers: dict[str, str], options: HttpOptions) -> HttpExchange:
    """Return the exchange for a host; nothing is sent or connected yet."""
    if options.proxy is not None or _has_proxy(base_url):
        from vedette.api.transport.httpx_exchange import HttpxExchange  # noqa: PLC0415 - only where there is a proxy

        return HttpxExchange(base_url, headers, options)
    from vedette.api.transport.aiohttp_exchange import AiohttpExchange  # noqa: PLC0415 - slow to import, and only to call

    return AiohttpExchange(base_url, headers, options)


def _has_proxy(base_url: str) -> bool:
    """Return whether the environment may name a proxy for this address; exceptions to it are left to httpx2."""
    proxies = getproxies()
    return urlsplit(base_url).scheme in proxies or "all" in proxies
