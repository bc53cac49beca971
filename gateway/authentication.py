"""Recognises the agent that sent a request, for both fronts."""

from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from gateway.bearer_token import read_bearer_token
from gateway.rejections import NotAuthenticatedError, UnavailableError
from vedette.access.agent_directory import Agent, AgentDirectory, AgentTokenError

if TYPE_CHECKING:
    from starlette.types import Scope


async def authenticate_agent(scope: "Scope", agents: AgentDirectory) -> Agent:
    """Return the agent that a request's token belongs to.

    Raises:
        NotAuthenticatedError: It has no token that is in force.
        UnavailableError: Redis gives no answer, so that nothing is known.
    """
    token = read_bearer_token(scope["headers"])
    try:
        return await agents.authenticate(token)
    except AgentTokenError as error:
        raise NotAuthenticatedError(str(error)) from None
    except (RedisError, OSError):
        raise UnavailableError from None
