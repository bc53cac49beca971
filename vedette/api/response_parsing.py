"""Turn the bytes of a response into an answer or into the right error, without touching a socket."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json

from vedette._core.json_values import json_list, json_object
from vedette.api.call import Answer, Call
from vedette.api.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    NotAuthorized,
    NotFound,
    ProjectRenamed,
    RateLimited,
    Redirected,
    SentryError,
    ServerError,
    UnreadableAnswer,
    read_detail,
)

_BY_STATUS: Final[Mapping[int, type[SentryError]]] = {
    400: BadRequest,
    401: NotAuthorized,
    403: Forbidden,
    404: NotFound,
    408: ServerError,
    409: Conflict,
    410: Gone,
    429: RateLimited,
}
_READ_AT_ONCE: Final = 16 * 1024
"""Bytes of a body that is read in any case, which takes some tens of microseconds."""


def read_answer(call: Call, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
    """Read a response.

    The body is tried as JSON whatever its content type: a 429 of Sentry is JSON that calls itself text/html.

    Raises:
        SentryError: of the class that fits the status and the body.
    """
    is_success = 200 <= status < 300  # noqa: PLR2004  # the class of success, not a number of ours
    if is_success and call.operation.answers == "bytes":
        return Answer(status, headers, content, content=content)
    if is_success and call.passes_on and len(content) > _READ_AT_ONCE and _seems_json(headers, content):

        def read(later: bytes) -> Any:
            body, readable = _read_body(later)
            if not readable:
                raise UnreadableAnswer(call, status=status, detail=read_detail(body), headers=headers)
            return body

        return Answer(status, headers, content=content, read=read)
    body, readable = _read_body(content)
    verdict = call.operation.verdict
    if status == 400 and verdict and verdict in json_object(body):  # noqa: PLR2004
        return Answer(status, headers, body)
    if is_success:
        if not readable or (not content and call.operation.answers != "nothing" and status not in {202, 204}):
            raise UnreadableAnswer(call, status=status, detail=read_detail(body), headers=headers)
        return Answer(status, headers, body, content=content)
    raise _error(call, status, headers, body)


def _seems_json(headers: Mapping[str, str], content: bytes) -> bool:
    """Return whether a body is JSON by its type and its ends, which pages of proxies are not."""
    ends = (content.lstrip()[:1], content.rstrip()[-1:])
    return "json" in headers.get("content-type", "") and ends in {(b"{", b"}"), (b"[", b"]")}


def _read_body(content: bytes) -> tuple[Any, bool]:
    if not content.strip():
        return None, True
    try:
        return from_json(content), True
    except ValueError:
        return content.decode(errors="replace"), False


def _error(call: Call, status: int, headers: Mapping[str, str], body: object) -> SentryError:
    detail = read_detail(body)
    if 300 <= status < 400:  # noqa: PLR2004  # the class of redirects
        kind: type[SentryError] = ProjectRenamed if detail.code == "resource-moved" else Redirected
    elif status == 400 and "scope" in detail.text and "missing the" in detail.text:  # noqa: PLR2004
        kind = Forbidden
    else:
        kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else SentryError)  # noqa: PLR2004
    return kind(call, status=status, detail=detail, headers=headers)


def as_object(call: Call, answer: Answer) -> dict[str, Any]:
    """Return the body as a JSON object.

    Raises:
        UnreadableAnswer: it is something else.
    """
    body: object = answer.body
    if not isinstance(body, dict):
        raise UnreadableAnswer(call, status=answer.status, headers=answer.headers)
    return json_object(body)


def as_bytes(call: Call, answer: Answer) -> bytes:
    """Return the body of an operation that answers with a file.

    Raises:
        UnreadableAnswer: a layer in front of the network answered with something else.
    """
    body: object = answer.body
    if not isinstance(body, bytes):
        raise UnreadableAnswer(call, status=answer.status, headers=answer.headers)
    return body


def as_list(call: Call, answer: Answer) -> list[Any]:
    """Return the body as a JSON list.

    Raises:
        UnreadableAnswer: it is something else.
    """
    body: object = answer.body
    if not isinstance(body, list):
        raise UnreadableAnswer(call, status=answer.status, headers=answer.headers)
    return json_list(body)
