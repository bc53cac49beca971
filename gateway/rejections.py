"""Defines the rejections of requests, each with its status and a sentence that says what to do instead.

Nothing has been sent to Sentry when one of them is raised.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from vedette._core.user_error import UserError

Headers = tuple[tuple[str, str], ...]


class RequestRejected(UserError):  # noqa: N818 - named after what happened, as the client's errors are
    """A request that is not passed on.

    Attributes:
        status: The HTTP status of the response.
        decision: The decision in one word, as in the header `X-Vedette-Decision`.
        headers: Further headers of the response.
        facts: Values for programs, beside the sentence.
    """

    status: ClassVar[int] = HTTPStatus.BAD_REQUEST
    decision: ClassVar[str] = "rejected"
    headers: Headers = ()

    @property
    def facts(self) -> Mapping[str, Any]:
        """Values for programs, beside the sentence."""
        return {}


class UnusablePathError(RequestRejected):
    """A path that could address something else than it says."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"The path {reason}, so it was not passed on: write the plain path of Sentry's API, "
            "with each value percent-encoded once."
        )


class UnusableQueryError(RequestRejected):
    """A query that cannot be read."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The query {reason}, so the request was not passed on.")


class UnusableBodyError(RequestRejected):
    """A body that is no JSON object of a reasonable form."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The body {reason}, so the request was not passed on: send one JSON object in UTF-8.")


class BodyTypeError(UnusableBodyError):
    """A body that is no JSON; Sentry would also read forms, with which fields pass unseen."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class BodySizeError(UnusableBodyError):
    """A body of more bytes than are read."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class MethodRefused(RequestRejected):
    """A method that no operation has at this path."""

    status = HTTPStatus.METHOD_NOT_ALLOWED

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        self.method = method
        self.allowed = allowed
        self.headers = (("Allow", ", ".join(allowed)),)
        super().__init__(f'Method "{method}" not allowed here: use {" or ".join(allowed)}.')


class UnknownEndpointError(RequestRejected):
    """A path behind which Vedette knows no operation; not 404, after which clients try further ids."""

    status = HTTPStatus.FORBIDDEN
    decision = "denied"

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.path = path
        super().__init__(
            f"Vedette knows no operation behind {method} {path}, and passes on nothing else. docs/api.md lists the "
            "operations that an agent can be granted; do not try other forms of this path."
        )


class CrossOriginError(RequestRejected):
    """A request that a web page of another origin made in a person's browser."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Requests of web pages are not accepted (there is a header Origin): call from a program.")


class ForeignHostError(RequestRejected):
    """A request under a name that is not the gateway's, as a page sends it that lets its own name mean this machine."""

    status = HTTPStatus.MISDIRECTED_REQUEST

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(
            f"The header Host is not that of this gateway, {address}: call it by this name, or have the operator set "
            "`url` under [gateway] in vedette.toml to the name that you use."
        )


class NotAuthenticatedError(RequestRejected):
    """A request without a valid token of an agent."""

    status = HTTPStatus.UNAUTHORIZED
    headers = (("WWW-Authenticate", 'Bearer realm="vedette", error="invalid_token"'),)


class UnavailableError(RequestRejected):
    """Redis does not answer, so that nothing can be checked or recorded."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    decision = "unavailable"
    headers = (("Retry-After", "5"),)

    def __init__(self) -> None:
        super().__init__(
            "Vedette cannot reach its Redis, so it can neither check nor record calls: nothing was sent to Sentry. "
            "Try again in a few seconds."
        )
