"""HTTP requests of channels: one POST, no redirect, bounded in time and size, with the answer checked for errors."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import time
from typing import Any, Final

import httpx2

from vedette._core.secret_masking import Masker
from vedette._core.version import vedette_version
from vedette.notify.errors import NotificationFailed, NotificationRefused
from vedette.notify.message import cropped, one_line

_LONGEST_DETAIL: Final = 200
_LONGEST_ANSWER: Final = 64 * 1024
_LONGEST_WAIT: Final = 3600.0
_PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True)
class HttpPost:
    """One request to a channel's service."""

    channel: str
    """The channel's name, for errors."""
    url: str = field(repr=False)
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    timeout: float
    """Seconds in all."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Texts that an error must not repeat."""


@dataclass(frozen=True)
class HttpReply:
    """A service's answer to a message that it accepted."""

    status: int
    headers: Mapping[str, str]
    text: str


def make_client() -> httpx2.AsyncClient:
    """Return the client that all channels of a process share.

    It follows no redirect: a service's answer must not choose where the message, or a token, goes.
    """
    return httpx2.AsyncClient(
        headers={"User-Agent": f"vedette/{vedette_version()}", "Accept": "application/json, text/plain"},
        follow_redirects=False,
    )


def to_bytes(body: Mapping[str, Any]) -> bytes:
    """Serialize to JSON without spaces."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


async def post(client: httpx2.AsyncClient, parcel: HttpPost) -> HttpReply:
    """Send the request.

    Raises:
        NotificationRefused: the service rejected it.
        NotificationFailed: the service may accept it later.
    """
    try:
        async with (
            asyncio.timeout(parcel.timeout),
            client.stream(
                "POST",
                parcel.url,
                content=parcel.content,
                headers={"Content-Type": "application/json; charset=utf-8", **parcel.headers},
                timeout=parcel.timeout,
            ) as response,
        ):
            reply = HttpReply(response.status_code, response.headers, await _read(response))
    except TimeoutError:
        raise NotificationFailed(parcel.channel, detail="Timeout") from None
    except httpx2.InvalidURL:
        raise NotificationRefused(parcel.channel, detail="its address cannot be read") from None
    except httpx2.HTTPError as error:
        # The error's own text can hold the address.
        raise NotificationFailed(parcel.channel, detail=type(error).__name__) from None
    _check(parcel, reply)
    return reply


async def _read(response: httpx2.Response) -> str:
    content = b""
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _LONGEST_ANSWER:
            break
    return content[:_LONGEST_ANSWER].decode("utf-8", "replace")


def _check(parcel: HttpPost, reply: HttpReply) -> None:
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    detail = detail_of(parcel, reply.text)
    if reply.status in _PASSING or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise NotificationFailed(parcel.channel, status=reply.status, detail=detail, retry_after=wait_of(reply))
    if reply.status < HTTPStatus.BAD_REQUEST:
        detail = "it sends us elsewhere, and redirects are not followed"
    raise NotificationRefused(parcel.channel, status=reply.status, detail=detail)


def detail_of(parcel: HttpPost, said: str) -> str:
    """Return a service's answer as an error can show it: without the channel's secrets, in every form of them."""
    return cropped(one_line(Masker(parcel.secrets)(said)), _LONGEST_DETAIL)


def wait_of(reply: HttpReply) -> float | None:
    """Return the seconds of the `Retry-After` header, if any; an hour at most."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - time(), 0.0), _LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None
