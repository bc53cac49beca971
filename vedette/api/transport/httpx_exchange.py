"""Exchanges by httpx2, for hosts that are reached through a proxy."""

import asyncio
import ssl
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx2

from vedette.api.transport.http_exchange import BodyBuffer, HttpAnswer, HttpOptions, NoAnswerError, join_headers

_JSON: Final = {"Content-Type": "application/json"}


class HttpxExchange:
    """An exchange with one host by httpx2."""

    def __init__(self, base_url: str, headers: dict[str, str], options: HttpOptions) -> None:
        self._base_url = base_url
        self._headers = headers
        self._options = options
        self._client = _client(headers, options)
        self._fresh: httpx2.AsyncClient | None = None

    async def send(self, method: str, target: str, body: bytes | None, *, is_new: bool) -> HttpAnswer:
        """Send a request and read the answer."""
        client = self._fresh_client() if is_new else self._client
        headers = None if body is None else _JSON
        request = client.build_request(method, self._base_url + target, content=body, headers=headers)
        try:
            async with asyncio.timeout(self._options.total):
                response = await client.send(request, stream=True)
                content = await self._read(response)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise NoAnswerError(type(error).__name__, is_timeout=True) from error
        except httpx2.DecodingError as error:
            raise NoAnswerError(type(error).__name__, is_broken_encoding=True) from error
        except httpx2.TransportError as error:
            raise NoAnswerError(type(error).__name__, str(error)) from error
        return HttpAnswer(response.status_code, join_headers(response.headers.multi_items()), content)

    def _fresh_client(self) -> httpx2.AsyncClient:
        if self._fresh is None:
            self._fresh = _client(self._headers, replace(self._options, keep_alive=0.0))
        return self._fresh

    async def _read(self, response: httpx2.Response) -> bytes:
        body = BodyBuffer(response.status_code, self._options.largest)
        try:
            async for piece in response.aiter_bytes():
                if not body.add(piece):
                    break
        finally:
            await response.aclose()
        return body.content()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
        if self._fresh is not None:
            await self._fresh.aclose()


def _client(headers: dict[str, str], options: HttpOptions) -> httpx2.AsyncClient:
    authority = options.certificate_authority
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
        verify=True if authority is None else ssl.create_default_context(cafile=str(authority)),
        follow_redirects=False,
    )
