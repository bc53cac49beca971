"""The network end of the client: one host, one credential, bytes in and out.

The credential is given to a client that knows a single origin and follows no redirect, so that nothing Sentry or a
proxy answers can send it elsewhere.
"""

import asyncio
import ssl
import time
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

import httpx2
from pydantic_core import to_json

from vedette._core.version import vedette_version
from vedette.api.call import Answer, Call
from vedette.api.errors import (
    AnswerTooLarge,
    Detail,
    SentryError,
    SentryTimeout,
    SentryUnreachable,
    UnreadableAnswer,
    WrongToken,
)
from vedette.api.log import client_log
from vedette.api.operations import TokenKind
from vedette.api.response_parsing import read_answer
from vedette.api.tokens import Credential

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger

    from vedette._core.secret_masking import Masker

PROJECT_PAGE: Final = "https://github.com/vedette-dev/vedette"


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


def check_base_url(url: str) -> str:
    """Sentry's address without its API's path or a trailing slash.

    Raises:
        ValueError: it is not an http(s) address, or holds a user, query or fragment.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("Sentry's address must look like https://sentry.example.com: a scheme and a host.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(
            "Sentry's address must hold no user, password, query or fragment; the token is given separately."
        )
    path = parts.path.rstrip("/").removesuffix("/api/0")
    return f"{parts.scheme}://{parts.netloc}{path}"


_LONGEST_ERROR: Final = 256 * 1024
"""Bytes of an error's page that are read."""


class HttpTransport:
    """The network end: a transport to one host."""

    def __init__(self, base_url: str, credential: Credential | None, *, options: HttpOptions | None = None) -> None:
        self.base_url = check_base_url(base_url)
        self._credential = credential
        self._options = options or HttpOptions()
        self._client = _client(credential, self._options)
        self._fresh: httpx2.AsyncClient | None = None
        self._log: BoundLogger | None = None
        self._mask: Masker | None = None

    async def send(self, call: Call) -> Answer:
        """Answer the call, or raise a `SentryError`."""
        self._check(call)
        if call.before_send is not None:
            await call.before_send(call)
        begun = time.monotonic()
        response, content = await self._exchange(call)
        if self._credential is not None:
            content = self._credential.redact(content)
        headers = {name.lower(): value for name, value in response.headers.items()}
        if self._log is None:
            self._log = client_log()
        self._log.debug(
            "sentry answered",
            operation=call.operation.name,
            issue=call.issue,
            status=response.status_code,
            seconds=round(time.monotonic() - begun, 3),
        )
        try:
            return read_answer(call, response.status_code, headers, content)
        except SentryError as error:
            raise self._masked(error) from None

    def _masked(self, error: SentryError) -> SentryError:
        """Return the error without the credential, in every form that the answer repeats."""
        if self._credential is not None:
            self._mask = self._mask or self._credential.masker()
            error.detail = error.detail.masked(self._mask)
            error.headers = {name: self._mask(value) for name, value in error.headers.items()}
        return error

    def _check(self, call: Call) -> None:
        """Say before the call what Sentry would only answer with a riddle: this kind of token cannot do it."""
        if self._credential is None or call.operation.accepts(self._credential.kind):
            return
        kind = {TokenKind.DSN: "a DSN"}.get(self._credential.kind, f"an {self._credential.kind} token")
        raise WrongToken(call, reason=f"{kind} cannot do this")

    async def _exchange(self, call: Call) -> tuple[httpx2.Response, bytes]:
        client = self._client_for(call)
        request = client.build_request(
            call.operation.method,
            self.base_url + call.target,
            content=None if call.body is None else to_json(call.body),
            headers=None if call.body is None else {"Content-Type": "application/json"},
        )
        try:
            async with asyncio.timeout(self._options.total):
                response = await client.send(request, stream=True)
                return response, await self._read(call, response)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise SentryTimeout(call, cause=type(error).__name__) from error
        except httpx2.DecodingError as error:
            raise UnreadableAnswer(call, detail=Detail("its compression is broken")) from error
        except httpx2.TransportError as error:
            raise SentryUnreachable(call, cause=type(error).__name__, detail=Detail(str(error))) from error

    def _client_for(self, call: Call) -> httpx2.AsyncClient:
        """Return a client with kept connections; one with a new connection for a call that must not be sent twice.

        A server may close a kept connection at the moment of its next use, and then the client cannot know whether the
        call arrived: other calls are retried, these would fail.
        """
        if call.repeatable:
            return self._client
        if self._fresh is None:
            self._fresh = _client(self._credential, replace(self._options, keep_alive=0.0))
        return self._fresh

    async def _read(self, call: Call, response: httpx2.Response) -> bytes:
        """Read the body, decompressed piece by piece, so that no small answer becomes a large one in memory.

        Of an error's page the beginning is enough; of an answer a part would be a wrong one.
        """
        pieces: list[bytes] = []
        size, is_error = 0, response.status_code >= HTTPStatus.MULTIPLE_CHOICES
        try:
            async for piece in response.aiter_bytes():
                pieces.append(piece)
                size += len(piece)
                if is_error and size >= _LONGEST_ERROR:
                    break
                if size > self._options.largest:
                    raise AnswerTooLarge(call, status=response.status_code, largest=self._options.largest)
        finally:
            await response.aclose()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
        if self._fresh is not None:
            await self._fresh.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<HttpTransport {self.base_url} {self._credential.kind if self._credential else 'no credential'}>"


def _client(credential: Credential | None, options: HttpOptions) -> httpx2.AsyncClient:
    headers = {"Accept": "application/json", "User-Agent": f"vedette/{vedette_version()} (+{PROJECT_PAGE})"}
    if credential is not None:
        headers["Authorization"] = credential.authorization()
    verify = True if options.certificate_authority is None else _context(options.certificate_authority)
    return httpx2.AsyncClient(
        headers=headers,
        # Sentry's session cookies are of no use beside a token.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=httpx2.Timeout(options.read, connect=options.connect),
        limits=httpx2.Limits(
            max_connections=options.connections,
            max_keepalive_connections=options.connections if options.keep_alive else 0,
            keepalive_expiry=options.keep_alive,
        ),
        proxy=options.proxy,
        verify=verify,
        follow_redirects=False,
    )


def _context(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority))
