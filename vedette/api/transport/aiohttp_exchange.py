"""Exchanges by aiohttp, for hosts that are reached without a proxy."""

import asyncio
import ssl
import weakref
from typing import Final

import httpx2
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHandlerType,
    ClientOSError,
    ClientPayloadError,
    ClientRequest,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    ServerDisconnectedError,
    ServerTimeoutError,
    TCPConnector,
)
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from vedette.api.transport.http_exchange import BodyBuffer, HttpAnswer, HttpOptions, NoAnswerError, join_headers

_ENCODINGS: Final = "gzip, deflate"
"""Content encodings that are asked for: those that the standard library decompresses within a bound."""
_MOST_HEADERS: Final = 128
_LONGEST_HEADER: Final = 32 * 1024
"""Bytes of one header; the longest of Sentry's are content security policies of some kilobytes."""
_JSON: Final = {"Content-Type": "application/json"}


class AiohttpExchange:
    """An exchange with one host by aiohttp."""

    def __init__(self, base_url: str, headers: dict[str, str], options: HttpOptions) -> None:
        self._base_url = base_url
        url = URL(base_url, encoded=True)
        self._authority = url.raw_authority
        self._headers = {**headers, "Accept-Encoding": _ENCODINGS}
        self._options = options
        # Files are read for it, which must not happen in the event loop.
        self._context = _make_context(options) if url.scheme == "https" else None
        self._kept: ClientSession | None = None
        self._fresh: ClientSession | None = None

    async def send(self, method: str, target: str, body: bytes | None, *, is_new: bool) -> HttpAnswer:
        """Send a request and read the answer."""
        session = self._session(is_new=is_new)
        url = URL(self._base_url + target, encoded=True)
        if url.raw_authority != self._authority:
            raise NoAnswerError("UnsupportedProtocol", "the path would lead to another host")
        headers = None if body is None else _JSON
        try:
            async with asyncio.timeout(self._options.total):
                response = await session.request(method, url, data=body, headers=headers, allow_redirects=False)
                return HttpAnswer(response.status, join_headers(response.headers.items()), await self._read(response))
        except (ClientError, TimeoutError, _NotRepeatedError) as error:
            raise _no_answer(error) from error

    async def _read(self, response: ClientResponse) -> bytes:
        _check_framing(response)
        body = BodyBuffer(response.status, self._options.largest)
        try:
            while piece := await response.content.readany():
                if not body.add(piece):
                    break
        finally:
            # Ends the connection, unless all of the answer was read and the connection was given back.
            response.close()
        return body.content()

    def _session(self, *, is_new: bool) -> ClientSession:
        """Return a session with kept connections, or the session with a connection for each request."""
        if is_new:
            self._fresh = self._fresh or self._make_session(is_kept=False)
            return self._fresh
        self._kept = self._kept or self._make_session(is_kept=True)
        return self._kept

    def _make_session(self, *, is_kept: bool) -> ClientSession:
        options = self._options
        connector = TCPConnector(
            ssl=self._context or True,
            limit=options.connections,
            force_close=not is_kept,
            keepalive_timeout=options.keep_alive if is_kept else None,
        )
        session = ClientSession(
            connector=connector,
            headers=self._headers,
            # Sentry's session cookies are of no use beside a token.
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(
                total=None, connect=options.connect + options.read, sock_connect=options.connect, sock_read=options.read
            ),
            trust_env=False,
            skip_auto_headers=("Content-Type",),
            middlewares=(_send_once,),
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            max_headers=_MOST_HEADERS,
        )
        # An exchange that was not closed has nothing to close if it has no connections, and is collected silently;
        # its connections say themselves that they were left open.
        weakref.finalize(self, session.detach)
        return session

    async def aclose(self) -> None:
        """Close the connections."""
        for session in (self._kept, self._fresh):
            if session is not None:
                await session.close()
        self._kept = self._fresh = None


class _NotRepeatedError(Exception):
    """A lost connection, in a form for which aiohttp does not send the request a second time."""


async def _send_once(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
    """Keep aiohttp from repeating a request on its own: the client's retries count, wait, and ask before they send."""
    try:
        return await send(request)
    except ClientConnectorError:
        raise
    except (ClientOSError, ServerDisconnectedError) as error:
        raise _NotRepeatedError from error


def _check_framing(response: ClientResponse) -> None:
    """Refuse an answer that states its length twice: what follows it on the connection could be taken for another."""
    lengths = set(response.headers.getall("Content-Length", ()))
    if len(lengths) > 1 or (lengths and "Transfer-Encoding" in response.headers):
        response.close()
        raise NoAnswerError("RemoteProtocolError", "the answer states its length in two ways")


_FAILURES: Final[tuple[tuple[type[BaseException], NoAnswerError], ...]] = (
    (ConnectionTimeoutError, NoAnswerError("ConnectTimeout", is_timeout=True)),
    (ServerTimeoutError, NoAnswerError("ReadTimeout", is_timeout=True)),
    (TimeoutError, NoAnswerError("TimeoutError", is_timeout=True)),
    (ContentEncodingError, NoAnswerError("DecodingError", is_broken_encoding=True)),
    (ServerDisconnectedError, NoAnswerError("RemoteProtocolError", "the server closed the connection unanswered")),
    (ClientPayloadError, NoAnswerError("RemoteProtocolError", "the answer is incomplete")),
    (ClientResponseError, NoAnswerError("RemoteProtocolError", "the answer is no valid HTTP")),
)
"""The name that httpx gives to each kind of failure; the first that fits counts."""


def _no_answer(error: BaseException) -> NoAnswerError:
    """Return the failure in the seam's terms."""
    cause = error.__cause__
    if isinstance(error, _NotRepeatedError) or (isinstance(cause, ContentEncodingError)):
        error = cause or error
    for kind, failure in _FAILURES:
        if isinstance(error, kind):
            return failure.copy()
    return NoAnswerError("ConnectError" if isinstance(error, ClientConnectorError) else "ReadError", str(error))


def _make_context(options: HttpOptions) -> ssl.SSLContext:
    """Return the context that httpx2 uses too, so that the same authorities are trusted with and without a proxy."""
    if options.certificate_authority is not None:
        return ssl.create_default_context(cafile=str(options.certificate_authority))
    return httpx2.create_ssl_context()
