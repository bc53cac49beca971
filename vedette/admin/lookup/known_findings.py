"""Gathers the checks that need neither plugins nor Sentry, and the last findings of the workers' watchdog."""

from dataclasses import dataclass

from vedette.admin.agents import check_agents, list_agents
from vedette.admin.session import AdminSession
from vedette.checks.findings import Finding
from vedette.checks.process_checks import check_processes, read_processes
from vedette.checks.redis_checks import check_redis, read_redis
from vedette.checks.settings_checks import check_integration_settings, check_settings
from vedette.checks.watch_state import read_states
from vedette.store.server.keys import WATCH


@dataclass(frozen=True)
class KnownFinding:
    """A finding, and when its check was made."""

    finding: Finding
    seen: int = 0
    """Unix time in milliseconds; 0 for now."""
    since: int = 0
    """When its state began, Unix time in milliseconds; 0 where that is not kept."""


async def list_known_findings(session: AdminSession, redis_url: str) -> list[KnownFinding]:
    """Return the findings in the order in which a person reads them, without loading a plugin or asking Sentry.

    Args:
        session: The caller.
        redis_url: The URL of the session's Redis.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    settings = session.settings
    findings = [check_settings(settings)]
    findings += check_redis(await read_redis(session.redis, redis_url), is_embedded=settings.redis_url is None)
    findings += check_processes(await read_processes(session.redis))
    findings += check_agents(await list_agents(session))
    states = read_states(await session.redis.hgetall(WATCH))
    watched = {name for name, _ in states}
    lacking = [check_integration_settings(name, settings) for name in sorted(settings.integrations)]
    findings += [one for one in lacking if one is not None and one.integration not in watched]
    return [
        *map(KnownFinding, findings),
        *(
            KnownFinding(one.finding, round(one.seen * 1000), round(one.since * 1000))
            for _, one in sorted(states.items())
        ),
    ]
