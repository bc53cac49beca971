"""Introspection: the owner and scopes of a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator.serializers.people import user_json
from vedette.simulator.web.call import ApiCall, ApiError, EndpointResponse, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler


def whoami(call: ApiCall) -> EndpointResponse:
    """Answer with the token's real scopes; all null without a token."""
    token = call.token
    user = user_json(call.world, token.user) if token and token.user else None
    return EndpointResponse({"version": "0", "auth": {"scopes": sorted(token.scopes)} if token else None, "user": user})


def person(call: ApiCall) -> EndpointResponse:
    """Answer with the owner of a person's token."""
    if call.token is None or call.token.user is None:
        raise ApiError(401, {"detail": "Authentication credentials were not provided."})
    return EndpointResponse(user_json(call.world, call.token.user))


def regions(call: ApiCall) -> EndpointResponse:
    """Answer with the one region there is; missing on self-hosted."""
    if call.token is None or call.token.user is None:
        raise not_found()
    return EndpointResponse({"regions": [{"name": "us", "url": call.world.base_url}]})


AUTH: Mapping[str, Handler] = {"auth.whoami": whoami, "auth.person": person, "auth.regions": regions}
