"""Pauses: the writes of one handler or agent, or of all, stopped in every process and resumed."""

from dataclasses import dataclass

from vedette.admin.connections import policy_services
from vedette.admin.names import check_handler
from vedette.admin.session import AdminSession
from vedette.permissions.principal import Principal
from vedette.store.access.write_budgets import EVERY_PRINCIPAL, Pause

_ADVICE = (
    "`vedette handlers` lists them, an agent is agent:NAME; "
    "without a name `vedette pause` stops all, and --force takes any name"
)


@dataclass(frozen=True)
class Resumption:
    """The outcome of resuming a handler."""

    was_paused: bool
    remaining: list[Pause]
    """The pauses that are still in force."""


async def pause_handler(session: AdminSession, handler: str = EVERY_PRINCIPAL, *, allow_unknown: bool = False) -> None:
    """Stop all writes of a handler, or of all, in every process.

    Raises:
        UnknownNameError: The handler is not known; the error suggests the nearest one.
    """
    await _check(session, handler, allow_unknown=allow_unknown)
    await policy_services(session).budgets.pause(handler, session.by)
    await _record(session, handler, "paused")


async def resume_handler(
    session: AdminSession, handler: str = EVERY_PRINCIPAL, *, allow_unknown: bool = False
) -> Resumption:
    """End the pause of a handler, or the one of all handlers.

    Raises:
        UnknownNameError: The handler is not known; the error suggests the nearest one.
    """
    await _check(session, handler, allow_unknown=allow_unknown)
    budgets = policy_services(session).budgets
    was_paused = await budgets.resume(handler)
    await _record(session, handler, "resumed")
    return Resumption(was_paused, await budgets.pauses())


def describe_scope(handler: str) -> str:
    """Describe the handlers that a pause is for."""
    if handler == EVERY_PRINCIPAL:
        return "all handlers and agents"
    principal = Principal.from_key(handler)
    return f"agent {principal.name}" if principal.kind == "agent" else handler


async def _check(session: AdminSession, handler: str, *, allow_unknown: bool) -> None:
    if handler != EVERY_PRINCIPAL and not allow_unknown:
        agents = frozenset(f"agent:{name}" for name in session.settings.agents)
        await check_handler(handler, session.redis, policy_services(session).audit, _ADVICE, agents)


async def _record(session: AdminSession, handler: str, verb: str) -> None:
    facts = {"handler": handler, "intent": f"{verb} {describe_scope(handler)}", "decision": f"{verb} by {session.by}"}
    await policy_services(session).audit.append("order", facts)
