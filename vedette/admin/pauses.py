"""Stops: the writes of a handler or agent paused, the runs of a handler disabled, in every process."""

from dataclasses import dataclass

from vedette.admin.connections import policy_services
from vedette.admin.names import check_handler
from vedette.admin.session import AdminSession
from vedette.alarms.alarm_messages import format_duration
from vedette.permissions.principal import Principal
from vedette.store.access.disabled_handlers import DisabledHandlers
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


async def pause_handler(
    session: AdminSession, handler: str = EVERY_PRINCIPAL, *, seconds: float | None = None, allow_unknown: bool = False
) -> Pause:
    """Stop all writes of a handler, or of all, in every process; return the pause.

    Args:
        session: The caller.
        handler: Its name, or the key of an agent.
        seconds: For how long; until somebody resumes it if None.
        allow_unknown: Whether a handler that is not known yet is accepted.

    Raises:
        UnknownNameError: The handler is not known; the error suggests the nearest one.
    """
    await _check(session, handler, allow_unknown=allow_unknown)
    pause = await policy_services(session).budgets.pause(handler, session.by, seconds)
    await _record(session, handler, "paused", "" if seconds is None else f" for {format_duration(seconds)}")
    return pause


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


async def list_pauses(session: AdminSession) -> list[Pause]:
    """Return the pauses in force."""
    return await policy_services(session).budgets.pauses()


async def disable_handler(session: AdminSession, handler: str, *, allow_unknown: bool = False) -> None:
    """Let the runs of a handler wait, in every worker from their next attempt on.

    Raises:
        UnknownNameError: The handler is not known; the error suggests the nearest one.
    """
    await _check_handler(session, handler, allow_unknown=allow_unknown)
    await DisabledHandlers(session.redis).disable(handler, session.by)
    await _record(session, handler, "disabled")


async def enable_handler(session: AdminSession, handler: str, *, allow_unknown: bool = False) -> tuple[bool, int]:
    """Let a disabled handler run again; return whether it was disabled, and how many runs had waited.

    Raises:
        UnknownNameError: The handler is not known; the error suggests the nearest one.
    """
    disabled = DisabledHandlers(session.redis)
    if handler not in await disabled.all():
        await _check_handler(session, handler, allow_unknown=allow_unknown)
    found = await disabled.enable(handler)
    await _record(session, handler, "enabled")
    return found


def describe_scope(handler: str) -> str:
    """Describe the handlers that a pause is for."""
    if handler == EVERY_PRINCIPAL:
        return "all handlers and agents"
    principal = Principal.from_key(handler)
    return f"agent {principal.name}" if principal.kind == "agent" else handler


async def _check_handler(session: AdminSession, handler: str, *, allow_unknown: bool) -> None:
    if not allow_unknown:
        advice = "`vedette handlers` lists them, and --force takes any name"
        await check_handler(handler, session.redis, policy_services(session).audit, advice)


async def _check(session: AdminSession, handler: str, *, allow_unknown: bool) -> None:
    if handler != EVERY_PRINCIPAL and not allow_unknown:
        agents = frozenset(f"agent:{name}" for name in session.settings.agents)
        await check_handler(handler, session.redis, policy_services(session).audit, _ADVICE, agents)


async def _record(session: AdminSession, handler: str, verb: str, ending: str = "") -> None:
    intent = f"{verb} {describe_scope(handler)}{ending}"
    facts = {"handler": handler, "intent": intent, "decision": f"{verb} by {session.by}"}
    await policy_services(session).audit.append("order", facts)
