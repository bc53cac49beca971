"""Defines a request of an agent after its form was checked, and reads it from ASGI."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from gateway.rejections import BodySizeError, BodyTypeError, CrossOriginError, UnusableBodyError
from gateway.responses import count_header, first_header
from gateway.rest.request_body import LONGEST, check_type, parse_body
from gateway.rest.request_path import split_path
from gateway.rest.request_query import Pairs, check_no_credential, read_query
from vedette.http_server.body_reader import (
    BodyIncompleteError,
    BodyReader,
    BodyRejectedError,
    BodyTooLargeError,
    BodyTooSlowError,
)

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

_NO_BODY: Final = frozenset({"GET", "DELETE"})
"""Methods for which Sentry reads no body in any operation of the table; an empty one is taken for none."""


class BodyTimeoutError(UnusableBodyError):
    """A body that did not arrive in time."""

    status = 408


@dataclass(frozen=True, slots=True)
class RestRequest:
    """A request, checked by its form alone."""

    method: str
    segments: tuple[str, ...]
    """The decoded segments of the path."""
    query: Pairs
    client: str
    """The program that sent it, by its own claim."""

    @property
    def path(self) -> str:
        """The path, encoded again."""
        return "/" + "".join(f"{quote(each, safe='')}/" for each in self.segments)


def read_request(scope: "Scope") -> RestRequest:
    """Return the request of a scope, without its body.

    Raises:
        RequestRejected: Its form is not accepted.
    """
    headers = scope["headers"]
    segments = split_path(scope["raw_path"])
    query = read_query(scope["query_string"])
    check_no_credential(query)
    if first_header(headers, b"origin") is not None:
        raise CrossOriginError
    return RestRequest(scope["method"], segments, query, first_header(headers, b"user-agent") or "")


async def read_body(scope: "Scope", receive: "Receive", bodies: BodyReader) -> dict[str, Any] | None:
    """Return the body of a request; None if it has none.

    Raises:
        RequestRejected: It is no JSON object, too long, too slow, or broken off.
    """
    headers = scope["headers"]
    if first_header(headers, b"content-encoding") is not None:
        raise BodyTypeError("is compressed, and only plain JSON is read")
    if count_header(headers, b"content-type") > 1:
        raise BodyTypeError("has several types")
    declared = first_header(headers, b"content-length")
    if declared is not None and declared.isdigit() and int(declared[:20]) > LONGEST:
        raise BodySizeError(f"has more than {LONGEST // 1024} kB")
    try:
        content = bodies.read_buffered(scope)
        if content is None:
            content = await bodies.read(scope, receive, None if declared is None else declared.encode())
    except BodyRejectedError as error:
        raise _rejection(error) from None
    if not content and (scope["method"] in _NO_BODY or first_header(headers, b"content-type") is None):
        return None
    check_type(first_header(headers, b"content-type"))
    return parse_body(content)


def _rejection(error: BodyRejectedError) -> UnusableBodyError:
    if isinstance(error, BodyTooLargeError):
        return BodySizeError(f"has more than {LONGEST // 1024} kB")
    if isinstance(error, BodyTooSlowError):
        return BodyTimeoutError("did not arrive in time")
    if isinstance(error, BodyIncompleteError):
        return UnusableBodyError("broke off before its end")
    return BodyTimeoutError("could not be held beside those of others, try again,")
