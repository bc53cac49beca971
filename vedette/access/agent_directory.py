"""Recognises agents by their tokens, and says at any time whether a token is still in force."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vedette._core.user_error import UserError
from vedette.permissions.agent_grants import grant_of_agent
from vedette.permissions.grants import Grant
from vedette.permissions.principal import Principal
from vedette.settings.agents import AgentSettings
from vedette.store.agents.token_text import fingerprint, is_token, token_id
from vedette.store.agents.tokens import AgentToken, AgentTokens
from vedette.store.server.client import RedisClient

_KEPT: Final = 0.5
"""Seconds for which a process caches a token: a revocation is in force after them."""
_USE_NOTED: Final = 60.0
"""Seconds between two notes of a token's use."""
_MOST_KEPT: Final = 10_000


class AgentTokenError(UserError):
    """A request has no token that is in force; nothing was sent for it.

    Its text never holds the token.
    """


class UnknownAgentTokenError(AgentTokenError):
    """A token that no agent has: it was never issued, or it is revoked."""

    def __init__(self) -> None:
        super().__init__(
            "This is no token of an agent of Vedette, or it was revoked. The operator makes one with "
            "`vedette agents token NAME`."
        )


class ExpiredAgentTokenError(AgentTokenError):
    """A token, or the agent that it belongs to, has come to its end."""

    def __init__(self, agent: str) -> None:
        self.agent = agent
        super().__init__(
            f"This token of agent {agent} has expired. The operator makes another with `vedette agents token {agent}`."
        )


class RevokedAgentTokenError(AgentTokenError):
    """A token that was revoked, or whose agent is no longer in the settings."""

    def __init__(self, agent: str) -> None:
        self.agent = agent
        super().__init__(
            f"This token of agent {agent} was revoked. The operator makes another with `vedette agents token {agent}`."
        )


class AgentChangedError(UserError):
    """The settings of an agent were changed between the decision on a call and its departure; nothing was sent."""

    def __init__(self, agent: str) -> None:
        self.agent = agent
        super().__init__(
            f"the settings of agent {agent} were changed while this waited, and it was not sent: send it again"
        )


@dataclass(frozen=True)
class Agent:
    """An agent that was recognised by a token."""

    name: str
    settings: AgentSettings
    grant: Grant
    token: AgentToken = field(repr=False)

    @property
    def principal(self) -> Principal:
        """The principal that it is to the gate."""
        return Principal("agent", self.name)


@dataclass(frozen=True, slots=True)
class _Known:
    token: AgentToken
    asked: float
    """The process's monotonic clock when Redis was asked."""
    server_time: int
    """The server's clock at that time, Unix time in milliseconds."""

    @property
    def now(self) -> float:
        """The server's clock now."""
        return self.server_time + (time.monotonic() - self.asked) * 1000


class AgentDirectory:
    """The agents of the settings, and their tokens."""

    def __init__(self, client: RedisClient, agents: Mapping[str, AgentSettings]) -> None:
        """Prepare; nothing is sent yet.

        Args:
            client: Where the tokens are.
            agents: The tables `[agents.NAME]` of the settings.
        """
        self._tokens = AgentTokens(client)
        self._known: dict[str, _Known] = {}
        self._noted: dict[str, float] = {}
        self.replace(agents)

    def replace(self, agents: Mapping[str, AgentSettings]) -> None:
        """Put other settings in force; `check` stops the calls of agents that they change.

        Args:
            agents: The tables `[agents.NAME]` of the settings.
        """
        grants = {name: grant_of_agent(settings) for name, settings in agents.items()}
        self.agents = agents
        """The settings in force."""
        self._grants = grants
        self._listed = {text.partition(":")[2]: name for name, settings in agents.items() for text in settings.tokens}
        self.forget()

    async def authenticate(self, token: str) -> Agent:
        """Return the agent with this token.

        Args:
            token: As the request has it, without `Bearer`.

        Raises:
            UnknownAgentTokenError: No agent has it.
            ExpiredAgentTokenError: Its time, or its agent's, is over.
            RevokedAgentTokenError: It was revoked, or its agent is no longer in the settings.
            redis.exceptions.RedisError: Redis gives no answer, so that nothing is known.
        """
        digest = fingerprint(token)
        if not is_token(token) and digest not in self._listed:
            raise UnknownAgentTokenError
        return await self._agent_with(digest)

    async def check(self, agent: Agent) -> None:
        """Check that the token with which an agent was recognised is still in force, and its grant.

        Raises:
            AgentTokenError: The token is not.
            AgentChangedError: The settings of the agent were changed since.
            redis.exceptions.RedisError: Redis gives no answer, so that nothing is known.
        """
        current = await self._agent_with(agent.token.fingerprint)
        if current.settings is not agent.settings and current.settings != agent.settings:
            raise AgentChangedError(agent.name)

    def forget(self) -> None:
        """Forget which tokens are in force, so that Redis is asked at their next use."""
        self._known.clear()

    async def _agent_with(self, digest: str) -> Agent:
        known = await self._known_token(digest)
        token = known.token
        settings = self.agents.get(token.agent)
        if settings is None or token.revoked is not None:
            raise RevokedAgentTokenError(token.agent)
        ends = [token.expires, None if settings.expires is None else round(settings.expires.timestamp() * 1000)]
        if any(end is not None and end <= known.now for end in ends):
            raise ExpiredAgentTokenError(token.agent)
        await self._note_use(known)
        return Agent(token.agent, settings, self._grants[token.agent], token)

    async def _known_token(self, digest: str) -> _Known:
        known = self._known.get(digest)
        if known is not None and time.monotonic() < known.asked + _KEPT:
            return known
        # The moment before the question: an answer is never older than it seems.
        asked = time.monotonic()
        found, now = await self._tokens.get(token_id(digest))
        self._known.pop(digest, None)
        if found is None or not hmac.compare_digest(found.fingerprint, digest):
            found = self._listed_token(digest)
        if found is None:
            raise UnknownAgentTokenError
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        return self._known.setdefault(digest, _Known(found, asked, now))

    def _listed_token(self, digest: str) -> AgentToken | None:
        """Return a token of the settings file; every fingerprint is compared, so that the time reveals nothing."""
        agent = None
        for listed, name in self._listed.items():
            if hmac.compare_digest(listed, digest):
                agent = name
        return None if agent is None else AgentToken(token_id(digest), digest, agent, 0, note="settings file")

    async def _note_use(self, known: _Known) -> None:
        now, identifier = time.monotonic(), known.token.id
        if now < self._noted.get(identifier, -_USE_NOTED) + _USE_NOTED:
            return
        self._noted[identifier] = now
        await self._tokens.note_use(identifier, round(known.now))
