"""Stores the tokens of agents: fingerprints alone, so that a copy of Redis holds no token that works."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from vedette._core.json_values import json_object
from vedette.store.agents.token_text import fingerprint, new_token, token_id
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import AGENT_TOKENS, AGENT_TOKENS_USED


@dataclass(frozen=True)
class AgentToken:
    """A stored token, without its text."""

    id: str
    """The beginning of its fingerprint."""
    fingerprint: str
    """Its SHA-256 in hexadecimal digits."""
    agent: str
    created: int
    """Unix time in milliseconds."""
    by: str = ""
    """The person who made it."""
    expires: int | None = None
    """Unix time in milliseconds; None if it has no end of its own."""
    note: str = ""
    revoked: int | None = None
    """The time at which it was revoked; such a record is kept for tokens of the settings file alone."""
    used: int | None = None
    """The time of its last use, to about a minute."""


class AgentTokens:
    """The tokens of agents in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def create(
        self, agent: str, *, by: str, lifetime: float | None = None, note: str = ""
    ) -> tuple[str, AgentToken]:
        """Make a token; return its text, which is stored nowhere, and its record.

        Args:
            agent: The name of the agent.
            by: The person who orders it.
            lifetime: Seconds after which it ends; None for no end of its own.
            note: The purpose, for people.
        """
        text = new_token(agent)
        now = round(await server_time(self._client) * 1000)
        digest = fingerprint(text)
        expires = None if lifetime is None else now + round(lifetime * 1000)
        token = AgentToken(token_id(digest), digest, agent, now, by, expires, note)
        await self._store(token)
        return text, token

    async def get(self, identifier: str) -> tuple[AgentToken | None, int]:
        """Return a token by its id, and the server's clock as Unix time in milliseconds.

        The token is None if there is none, or its record cannot be read.
        """
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hmget(AGENT_TOKENS, [identifier])
        pipeline.time()
        (text,), (seconds, microseconds) = await pipeline.execute()
        return None if text is None else _read(identifier, text), int(seconds) * 1000 + int(microseconds) // 1000

    async def all(self) -> list[AgentToken]:
        """Return all tokens with their last use, the newest first; records that cannot be read are left out."""
        stored = await self._client.hgetall(AGENT_TOKENS)
        used = await self._client.hgetall(AGENT_TOKENS_USED)
        found = [_read(name.decode(errors="replace"), text, used.get(name)) for name, text in stored.items()]
        return sorted((each for each in found if each is not None), key=lambda each: (-each.created, each.id))

    async def revoke(self, identifier: str) -> bool:
        """Remove a token; return whether there was one."""
        await self._client.hdel(AGENT_TOKENS_USED, identifier)
        return bool(await self._client.hdel(AGENT_TOKENS, identifier))

    async def revoke_listed(self, agent: str, digest: str) -> None:
        """Revoke a token of the settings file, by a record that is kept until the file no longer lists it."""
        now = round(await server_time(self._client) * 1000)
        await self._store(AgentToken(token_id(digest), digest, agent, now, revoked=now))

    async def note_use(self, identifier: str, at: int) -> None:
        """Note that a token was used.

        Args:
            identifier: Its id.
            at: Unix time in milliseconds.
        """
        await self._client.hset(AGENT_TOKENS_USED, mapping={identifier: at})

    async def _store(self, token: AgentToken) -> None:
        facts = {
            name: value for name, value in asdict(token).items() if value is not None and name not in {"id", "used"}
        }
        await self._client.hset(AGENT_TOKENS, mapping={token.id: json.dumps(facts)})


def _read(identifier: str, text: bytes, used: bytes | None = None) -> AgentToken | None:
    """Read a record; None for one that was altered by hand, so that its token is unknown."""
    try:
        stored: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    facts: dict[str, Any] = json_object(stored) if isinstance(stored, dict) else {}
    digest, agent = facts.get("fingerprint"), facts.get("agent")
    expires, revoked = facts.get("expires"), facts.get("revoked")
    numbers_fit = all(each is None or isinstance(each, int) for each in (expires, revoked))
    if not isinstance(digest, str) or not isinstance(agent, str) or not numbers_fit:
        return None
    created = facts.get("created")
    return AgentToken(
        identifier,
        digest,
        agent,
        created if isinstance(created, int) else 0,
        str(facts.get("by", "")),
        expires,
        str(facts.get("note", "")),
        revoked,
        int(used) if used is not None and used.isdigit() else None,
    )
