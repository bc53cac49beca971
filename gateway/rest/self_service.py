"""Answers the questions of a client about itself for the agent, and not for the integration behind it.

`sentry-cli info` shows the scopes at `/api/0/`, `sentry auth login` asks `/auth/` and `/users/me/regions/`; Sentry
answers the last two to persons alone.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway.responses import Response, json_response
from vedette.access.agent_directory import Agent
from vedette.access.agent_gates import AgentGate

Paths = Mapping[tuple[str, ...], tuple[str, Callable[[Agent, str], Mapping[str, Any]]]]
_DOMAIN: Final = "agents.vedette.invalid"
"""A domain that never exists (RFC 2606)."""


def answer_for_agent(segments: tuple[str, ...], gate: AgentGate, public_url: str) -> Response | None:
    """Record a question about the agent itself and return the response; None for any other path.

    Args:
        segments: The segments of the path.
        gate: The gate of the agent that asks.
        public_url: The address of the gateway, without a trailing slash.

    Raises:
        ReadJournalFullError: The question cannot be recorded.
    """
    found = OWN_PATHS.get(segments)
    if found is None:
        return None
    name, make = found
    gate.record_own_answer(name)
    return json_response(200, make(gate.agent, public_url))


def _root(agent: Agent, public_url: str) -> Mapping[str, Any]:
    return {
        "version": "0",
        "auth": {"scopes": list(agent.grant.scopes)},
        "user": _person(agent, public_url),
    }


def _person(agent: Agent, public_url: str) -> Mapping[str, Any]:
    del public_url
    email = f"{agent.name}@{_DOMAIN}"
    return {
        "id": f"agent:{agent.name}",
        "name": agent.name,
        "username": agent.name,
        "email": email,
        "isActive": True,
        "emails": [{"id": "1", "email": email, "is_verified": True}],
    }


def _regions(agent: Agent, public_url: str) -> Mapping[str, Any]:
    del agent
    return {"regions": [{"name": "vedette", "url": public_url}]}


OWN_PATHS: Final[Paths] = {
    ("api", "0"): ("gateway.scopes", _root),
    ("api", "0", "auth"): ("gateway.agent", _person),
    ("api", "0", "users", "me", "regions"): ("gateway.regions", _regions),
}
"""The paths by their segments: the name of the read in the audit, and the maker of its answer."""
