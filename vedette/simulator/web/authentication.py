"""Authentication: the Authorization header, read as Sentry's authentication classes do."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from vedette.simulator.web.call import ApiError, forbidden

if TYPE_CHECKING:
    from vedette.api.operations import Operation
    from vedette.simulator.world.integrations import Token
    from vedette.simulator.world.world import World


def _refused(detail: str) -> ApiError:
    return ApiError(401, {"detail": detail}, headers={"WWW-Authenticate": 'Bearer realm="api"'})


def authenticate(world: World, header: str | None, operation: Operation) -> Token | None:
    """Return the token a call is made with; None when it brings none and none is needed.

    Raises:
        ApiError: 401 with the sentence Sentry has for this case.
    """
    if header is None:
        if operation.scopes or operation.needs_person:
            raise _refused("Authentication credentials were not provided.")
        return None
    scheme, _, secret = header.partition(" ")
    match scheme.lower():
        case "bearer":
            return _bearer(world, secret)
        case "basic":
            return _basic(world, secret)
        case "dsn":
            return _dsn(world, secret, operation)
        case _:
            raise _refused("Authentication credentials were not provided.")


def _bearer(world: World, secret: str) -> Token:
    if not secret.strip():
        raise _refused("Invalid token header. No credentials provided.")
    if " " in secret.strip():
        raise _refused("Invalid token header. Token string should not contain spaces.")
    token = world.tokens.get(secret.strip())
    if token is None or token.revoked:
        raise _refused("Invalid org token" if secret.startswith("sntrys_") else "Invalid token")
    if token.expires is not None and token.expires <= world.clock():
        raise _refused("Token expired")
    return token


def _basic(world: World, encoded: str) -> Token:
    """Read a legacy API key: deprecated, with an empty password; any other password makes the class step aside."""
    try:
        key, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _refused("Invalid basic header. Credentials not correctly base64 encoded.") from None
    token = world.tokens.get(key)
    if password:
        raise _refused("Authentication credentials were not provided.")
    if token is None or token.kind != "api_key" or token.revoked:
        raise _refused("API key is not valid")
    return token


def _dsn(world: World, dsn: str, operation: Operation) -> Token | None:
    key = dsn.partition("://")[2].partition("@")[0].partition(":")[0]
    active = {each.public for project in world.projects.values() for each in project.keys if each.is_active}
    if not operation.takes_dsn or key not in active:
        raise _refused("Invalid dsn")
    return None


def authorize(operation: Operation, token: Token | None) -> None:
    """Check the scopes; any one of those listed will do.

    Raises:
        ApiError: 403 without a word on which scope is missing, as Sentry answers.
    """
    if token is None or not operation.scopes:
        return
    if operation.scopes.isdisjoint(token.scopes):
        raise forbidden()
