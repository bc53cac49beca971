"""Tries the public URL with a request without a signature, which the receiver answers with its own 401.

Any other answer shows the obstacle: a redirect, a login page, another server, a proxy without a receiver.
"""

import asyncio
import ipaddress
import json
import re
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

import httpx2

from vedette._core.json_values import json_object
from vedette._core.printable import printable
from vedette.checks.evidence import UrlEvidence, UrlState

TIMEOUT: Final = 5.0
_LONGEST: Final = 200
_LOGIN = re.compile(r"log-?in|sign-?in|oauth|/auth\b|sso|saml|authorize|password", re.IGNORECASE)
_PROXY_ERRORS = frozenset({502, 503, 504})
_REDIRECT, _ERROR, _UNAUTHORIZED, _NOT_FOUND = 300, 400, 401, 404
_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "vedette-doctor", "Accept": "application/json"}


async def probe_url(url: str, *, verify: ssl.SSLContext | bool = True) -> UrlEvidence:
    """Send one unsigned POST to the URL and say who answered; nothing is stored by it.

    Args:
        url: The webhook URL as Sentry has it.
        verify: The certificate authorities to trust.
    """
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            httpx2.AsyncClient(follow_redirects=False, trust_env=False, verify=verify, timeout=TIMEOUT) as client,
            client.stream("POST", url, content=b"{}", headers=_HEADERS) as answer,
        ):
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > 64 * 1024:
                    break
            state, detail = _judge(answer, body)
            return UrlEvidence(url, state, _clip(detail), answer.status_code)
    except (TimeoutError, httpx2.TimeoutException):
        return UrlEvidence(url, "timeout")
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        state, detail = _failure(error)
        return UrlEvidence(url, state, _clip(detail))


def _judge(answer: httpx2.Response, body: bytes) -> tuple[UrlState, str]:
    status, server = answer.status_code, answer.headers.get("server", "")
    own = _own_error(body)
    if status == _UNAUTHORIZED and own == "unauthorized":
        return "receiver", ""
    if status == _NOT_FOUND and own == "not found":
        return "not_found", ""
    location = answer.headers.get("location", "")
    is_html = "html" in answer.headers.get("content-type", "")
    if _REDIRECT <= status < _ERROR:
        return ("login_page" if _LOGIN.search(location) else "redirect"), location
    if "www-authenticate" in answer.headers or (is_html and _LOGIN.search(body.decode("utf-8", "replace"))):
        return "login_page", server
    if status in _PROXY_ERRORS:
        return "proxy_error", server
    return ("accepts_unsigned" if status < _REDIRECT else "other_server"), server


def _own_error(body: bytes) -> str:
    try:
        read: object = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(json_object(read).get("error", "")) if isinstance(read, dict) else ""


def _failure(error: Exception) -> tuple[UrlState, str]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "tls", cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return "tls", cause.reason or str(cause)
        if isinstance(cause, socket.gaierror):
            return "dns", cause.strerror or str(cause)
        cause = cause.__cause__ or cause.__context__
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text or "SSL" in text:
        return "tls", text
    if "Name or service" in text or "nodename" in text or "name resolution" in text:
        return "dns", text
    return "refused", text or type(error).__name__


async def leads_to_private_address(url: str) -> bool:
    """Return whether all addresses of a URL's host are ones that the internet does not route."""
    return await asyncio.to_thread(_is_private, urlsplit(url).hostname or "")


def _is_private(host: str) -> bool:
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
        return bool(found) and not any(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found)
    except (OSError, ValueError, UnicodeError):
        return False


def _clip(text: str) -> str:
    return printable(text)[:_LONGEST]
