"""Agents: the permissions of each, the calls that it has made, and what in its settings needs attention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vedette.access.token_scopes import known_scopes
from vedette.admin.connections import policy_services
from vedette.admin.session import AdminSession
from vedette.api.operations import OPERATIONS, TokenKind
from vedette.api.tokens import credential
from vedette.checks.findings import Finding
from vedette.permissions.agent_grants import grant_of_agent
from vedette.permissions.grants import Grant
from vedette.settings.agents import AgentSettings, Level
from vedette.settings.settings import Mode
from vedette.store.access.write_budgets import EVERY_PRINCIPAL
from vedette.store.agents.tokens import AgentToken, AgentTokens
from vedette.store.agents.usage import AgentUsage, read_usage
from vedette.store.server.clock import server_time
from vedette.store.server.keys import token_key

_DAY: Final = 86_400_000
_UNUSED: Final = 90 * _DAY
"""Milliseconds after which an agent that made no call is reported."""


@dataclass(frozen=True)
class AgentSummary:
    """One agent of the settings, and the use that it makes of its permissions."""

    name: str
    mode: Mode
    modes: Mapping[str, Mode]
    areas: Mapping[str, Level]
    """Its areas that are not off."""
    grant: Grant
    tokens: int
    """The number of its tokens that are in force."""
    calls: Mapping[str, int]
    """Result, such as `read`, `sent` or `denied` -> how many calls."""
    last: int | None
    """The time of its last call, as Unix time in milliseconds."""
    unused: tuple[str, ...]
    """The granted operations that it has never called."""
    problems: tuple[str, ...]
    """What needs attention, as sentences without a full stop."""

    @property
    def granted(self) -> int:
        """Number of the operations that it may call."""
        return len(self.grant.operations)


async def list_agents(session: AdminSession) -> list[AgentSummary]:
    """Return the agents of the settings, in their order there."""
    policy = policy_services(session)
    counts, tokens = await policy.budgets.counts(), await AgentTokens(session.redis).all()
    paused = {pause.principal: pause.by for pause in await policy.budgets.pauses()}
    now = round(await server_time(session.redis) * 1000)
    found: list[AgentSummary] = []
    for name, settings in session.settings.agents.items():
        grant, usage = grant_of_agent(settings), await read_usage(session.redis, name)
        held = _in_force(name, settings, tokens, now)
        scopes = await known_scopes(session.redis, token_key(settings.integration))
        by = paused.get(EVERY_PRINCIPAL) or paused.get(f"agent:{name}")
        problems = [
            *([f"is paused by {by}: `vedette resume` takes it back"] if by else []),
            *_problems_of_tokens(name, settings, held, usage, now),
            *_problems_of_grant(session, settings, grant, scopes),
        ]
        found.append(_summary(name, settings, grant, len(held), counts.get(f"agent:{name}", {}), usage, problems))
    return found


def check_agents(agents: Sequence[AgentSummary]) -> list[Finding]:
    """Return the finding about agents; none where the settings have no agent."""
    attention = [f"{one.name}: {problem}" for one in agents for problem in one.problems]
    if attention:
        more = f", and {len(attention) - 1} more" if len(attention) > 1 else ""
        evidence = {str(number): sentence for number, sentence in enumerate(attention, 1)}
        return [Finding("agents", "warn", attention[0] + more, ("Look at `vedette agents`",), evidence)]
    names = ", ".join(one.name for one in agents)
    return [Finding("agents", "ok", f"agents {names}: nothing needs attention")] if agents else []


def _summary(
    name: str,
    settings: AgentSettings,
    grant: Grant,
    tokens: int,
    calls: Mapping[str, int],
    usage: AgentUsage,
    problems: list[str],
) -> AgentSummary:
    unused = tuple(each for each in grant.operations if each not in usage.operations)
    used = len(grant.operations) - len(unused)
    # Reads that Vedette answers without Sentry use no operation.
    if used and unused:
        problems = [*problems, f"{used} of {len(grant.operations)} operations used: tighten its areas or its grant"]
    areas: dict[str, Level] = {area: level for area, level in settings.may.levels().items() if level != "off"}
    return AgentSummary(
        name, settings.mode, settings.modes, areas, grant, tokens, calls, usage.last, unused, tuple(problems)
    )


def _in_force(name: str, settings: AgentSettings, tokens: list[AgentToken], now: int) -> list[AgentToken]:
    own = [token for token in tokens if token.agent == name]
    revoked = {token.fingerprint for token in own if token.revoked is not None}
    listed = [text.partition(":")[2] for text in settings.tokens]
    kept = [token for token in own if token.revoked is None and (token.expires is None or token.expires > now)]
    known = {token.fingerprint for token in kept} | revoked
    return kept + [AgentToken(each[:12], each, name, 0) for each in listed if each not in known]


def _problems_of_tokens(
    name: str, settings: AgentSettings, held: list[AgentToken], usage: AgentUsage, now: int
) -> list[str]:
    found: list[str] = []
    if settings.expires is not None and settings.expires.timestamp() * 1000 <= now:
        return [f"has expired on {settings.expires:%Y-%m-%d}: none of its tokens works"]
    if not held:
        found.append(f"has no token: `vedette agents token {name}` makes one")
    elif settings.expires is None and any(token.expires is None for token in held):
        found.append(f"has a token without an end: write `expires` under [agents.{name}], or use --expires")
    created = min((token.created for token in held if token.created), default=now)
    if held and (usage.last or created) < now - _UNUSED:
        found.append("was not used for 90 days: revoke its tokens or remove it")
    return found


def _problems_of_grant(
    session: AdminSession, settings: AgentSettings, grant: Grant, scopes: frozenset[str] | None
) -> list[str]:
    found: list[str] = []
    lacking = {
        str(operation.scope_to_add)
        for name in grant.operations
        if scopes is not None and not (operation := OPERATIONS[name]).allowed_by(scopes)
    }
    if lacking:
        names = ", ".join(sorted(lacking))
        found.append(f"may do more than the token of {settings.integration}, which lacks {names}: add it in Sentry")
    integration = session.settings.integrations.get(settings.integration)
    kind = None if integration is None or integration.token is None else credential(integration.token).kind
    personal = [name for name in grant.operations if OPERATIONS[name].needs_person and OPERATIONS[name].writes]
    if personal and kind is TokenKind.INTEGRATION:
        found.append(
            f"may call {', '.join(personal)}, for which {settings.integration} would need the token of a person"
        )
    return found
