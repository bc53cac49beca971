"""Tokens of agents: made, listed and revoked, each with an entry in the audit."""

from dataclasses import dataclass

from vedette._core.user_error import UserError
from vedette.admin.connections import policy_services
from vedette.admin.names import UnknownNameError
from vedette.admin.session import AdminSession
from vedette.store.agents.token_text import token_id
from vedette.store.agents.tokens import AgentToken, AgentTokens


class UnknownTokenError(UserError):
    """A text that is the id of no token, and the name of no agent with tokens."""

    exit_code = 2

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        super().__init__(f"there is no token {wanted}: `vedette agents tokens` lists them")


@dataclass(frozen=True)
class NewToken:
    """A token that was made, with its text, which is kept nowhere."""

    text: str
    token: AgentToken


async def create_token(session: AdminSession, agent: str, *, lifetime: float | None = None, note: str = "") -> NewToken:
    """Make a token of an agent of the settings.

    Args:
        session: The caller.
        agent: The name of the agent.
        lifetime: Seconds after which it ends; None for no end of its own.
        note: The purpose, for people.

    Raises:
        UnknownNameError: The settings have no such agent; the error suggests the nearest one.
    """
    check_agent(session, agent)
    text, token = await AgentTokens(session.redis).create(agent, by=session.by, lifetime=lifetime, note=note)
    await _record(session, agent, f"made token {token.id} of agent {agent}", "made")
    return NewToken(text, token)


async def list_tokens(session: AdminSession, agent: str = "") -> list[AgentToken]:
    """Return the tokens of an agent, or of all, the newest first; those of the settings file are among them.

    Raises:
        UnknownNameError: Neither the settings nor a token name such an agent.
    """
    tokens = await AgentTokens(session.redis).all()
    known = {token.fingerprint for token in tokens}
    for name, settings in session.settings.agents.items():
        digests = [text.partition(":")[2] for text in settings.tokens]
        tokens += [AgentToken(token_id(each), each, name, 0, note="settings") for each in digests if each not in known]
    found = [token for token in tokens if agent in {"", token.agent}]
    if agent and not found:
        check_agent(session, agent)
    return found


async def revoke_tokens(session: AdminSession, wanted: str, *, of_agent: bool = False) -> list[AgentToken]:
    """Revoke a token, or all tokens of an agent; return them. It is in force in every process within a second.

    Args:
        session: The caller.
        wanted: The id of a token, or with `of_agent` the name of an agent.
        of_agent: Revoke all tokens of the agent.

    Raises:
        UnknownTokenError: There is no such token, or the agent has none.
    """
    tokens = AgentTokens(session.redis)
    found = [each for each in await list_tokens(session) if wanted == (each.agent if of_agent else each.id)]
    if not found:
        raise UnknownTokenError(wanted)
    for token in found:
        # A token of the settings file cannot be deleted there, so that its revocation is stored.
        if _is_listed(session, token):
            await tokens.revoke_listed(token.agent, token.fingerprint)
        else:
            await tokens.revoke(token.id)
        await _record(session, token.agent, f"revoked token {token.id} of agent {token.agent}", "revoked")
    return found


def check_agent(session: AdminSession, agent: str) -> None:
    """Check that the settings have an agent.

    Raises:
        UnknownNameError: They have not; the error suggests the nearest one.
    """
    if agent not in session.settings.agents:
        advice = f"declare it with a table [agents.{agent}] in vedette.toml"
        raise UnknownNameError("agent", agent, session.settings.agents, advice=advice)


def _is_listed(session: AdminSession, token: AgentToken) -> bool:
    settings = session.settings.agents.get(token.agent)
    return settings is not None and f"sha256:{token.fingerprint}" in settings.tokens


async def _record(session: AdminSession, agent: str, intent: str, verb: str) -> None:
    facts = {"handler": f"agent:{agent}", "intent": intent, "decision": f"{verb} by {session.by}"}
    await policy_services(session).audit.append("order", facts)
