"""Reads the token of an agent from a request: `Authorization: Bearer TOKEN`, and nothing else."""

from collections.abc import Sequence
from typing import Final

from gateway.rejections import NotAuthenticatedError
from gateway.responses import count_header, first_header

_AUTHORIZATION: Final = b"authorization"
_LONGEST: Final = 512
_ADVICE: Final = "send `Authorization: Bearer TOKEN` with the token that `vedette agents token NAME` prints"
_OTHERS: Final = {
    "basic": "Basic authentication is not accepted",
    "dsn": "A DSN is not accepted",
    "token": "The scheme `Token` is not accepted",
}


def read_bearer_token(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """Return the token of a request.

    Args:
        headers: As ASGI has them, names in small letters.

    Raises:
        NotAuthenticatedError: There is none, or several, or another form of credential.
    """
    value = first_header(headers, _AUTHORIZATION)
    if value is None:
        if first_header(headers, b"x-sentry-auth") is not None:
            raise NotAuthenticatedError(f"A DSN is not accepted: {_ADVICE}.")
        raise NotAuthenticatedError(f"There is no token: {_ADVICE}.")
    if count_header(headers, _AUTHORIZATION) > 1:
        raise NotAuthenticatedError(f"There are several Authorization headers: {_ADVICE}, once.")
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticatedError(
            f"{_OTHERS.get(scheme.lower(), 'This kind of credential is not accepted')}: {_ADVICE}."
        )
    if not token or len(token) > _LONGEST or " " in token or not token.isascii() or not token.isprintable():
        raise NotAuthenticatedError(f"The Authorization header holds no token: {_ADVICE}.")
    return token
