"""Examines the whole installation: settings, plugins, Redis, processes, and each integration as Sentry has it."""

import asyncio
from collections.abc import Sequence

from vedette._core.user_error import UserError
from vedette.access.client_factory import connect
from vedette.admin.agents import check_agents, list_agents
from vedette.admin.session import AdminSession
from vedette.checks.demand import Demand, demand_of
from vedette.checks.evidence_collector import EvidenceCollector
from vedette.checks.findings import Finding
from vedette.checks.integration_checks import CHECKS
from vedette.checks.process_checks import check_processes, read_processes
from vedette.checks.redis_checks import check_redis, read_redis
from vedette.checks.settings_checks import check_integration_settings, check_plugins, check_settings
from vedette.events.catalog import known_names
from vedette.permissions.agent_grants import grant_of_agent
from vedette.plugins.discovery import discover
from vedette.plugins.registry import Registry
from vedette.settings.settings import IntegrationSettings
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler

_PATIENCE = 10.0
"""Seconds that a call to Sentry may take, with its retries."""


async def examine(
    session: AdminSession, redis_url: str, integrations: Sequence[str], *, is_offline: bool = False
) -> list[Finding]:
    """Make all checks and return their findings, in the order in which a person reads them.

    Plugins are loaded as a worker does, so their modules run in this process.

    Args:
        session: The caller.
        redis_url: The URL of the session's Redis.
        integrations: The integrations to check.
        is_offline: Ask neither Sentry nor the public URL.
    """
    registry = await asyncio.to_thread(discover, session.settings, frozenset(known_names()))
    findings = [check_settings(session.settings), *check_plugins(registry)]
    server = await read_redis(session.redis, redis_url)
    findings += check_redis(server, is_embedded=session.settings.redis_url is None)
    if not server.problem:
        findings += check_processes(await read_processes(session.redis))
        findings += check_agents(await list_agents(session))
    demand = demand_of_registry(session, registry)
    for name in integrations:
        findings += await _examine_integration(
            session, name, demand, is_offline=is_offline, has_redis=not server.problem
        )
    return findings


def demand_of_registry(session: AdminSession, registry: Registry) -> Demand:
    """Return the needs of handlers that were loaded here, and of the agents in the settings."""
    handlers = tuple(
        RosterHandler(one.name, one.patterns, one.mode, one.source, needs=one.needs)
        for one in registry.handlers.values()
    )
    agents = {name: grant_of_agent(agent).scopes for name, agent in session.settings.agents.items()}
    return demand_of(HandlerRoster(handlers, ()), agents)


async def _examine_integration(
    session: AdminSession, name: str, demand: Demand, *, is_offline: bool, has_redis: bool
) -> list[Finding]:
    if not session.settings.is_demonstration:
        lacking = check_integration_settings(name, session.settings)
        if lacking is not None:
            return [lacking]
    if is_offline:
        return []
    if not has_redis:
        says = "Sentry is not asked while Redis cannot be used, since processes share its rate limit there"
        return [Finding("token", "unknown", says, integration=name, cause="not_asked")]
    try:
        settings = session.integration_settings(name)
        return await _ask(session, name, settings, demand)
    except UserError as error:
        step = "Correct it, and run `vedette doctor` again"
        return [Finding("token", "broken", str(error).rstrip("."), (step,), integration=name, cause="setting_wrong")]


async def _ask(session: AdminSession, name: str, settings: IntegrationSettings, demand: Demand) -> list[Finding]:
    connection = connect(name, settings, session.redis, time_limit=_PATIENCE)
    try:
        collector = EvidenceCollector(session.redis, name, settings, connection.transport)
        evidence = await collector.collect(demand, is_cheap=False)
    finally:
        await connection.transport.aclose()
    return [check(evidence) for check in CHECKS]
