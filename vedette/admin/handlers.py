"""The handlers that the workers have loaded, with their calls, pauses and missing permissions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vedette.access.token_scopes import known_scopes
from vedette.admin.session import AdminSession
from vedette.permissions.required_scopes import missing
from vedette.settings.settings import DEFAULT_INTEGRATION
from vedette.store.access.disabled_handlers import DisabledHandler, DisabledHandlers
from vedette.store.access.handler_roster import OFF, HandlerRoster, RosterHandler, read_roster
from vedette.store.access.held_calls import HeldCalls, held_calls
from vedette.store.access.write_budgets import EVERY_PRINCIPAL, WriteBudgets
from vedette.store.server.keys import token_key

CallCounts = Mapping[str, Mapping[str, int]]
"""Handler -> decision -> number of calls."""


@dataclass(frozen=True)
class HandlerOverview:
    """The loaded handlers and the state of their calls."""

    roster: HandlerRoster | None
    """None before the first worker has started."""
    calls: CallCounts = field(default_factory=dict[str, Mapping[str, int]])
    held: tuple[HeldCalls, ...] = ()
    """Calls that wait because Sentry answered 429."""
    paused: frozenset[str] = frozenset()
    """The handlers whose writes are paused."""
    disabled: frozenset[str] = frozenset()
    """The handlers whose runs wait until they are enabled."""
    scopes: frozenset[str] | None = None
    """The scopes that the token of the first integration has; None where that is not known."""


async def list_handlers(session: AdminSession) -> HandlerOverview:
    """Return the loaded handlers; `missing` of each includes pauses and scopes that the token lacks.

    Raises:
        UnreadableRosterError: Redis holds something else in place of the handler list.
    """
    roster, budgets = await read_roster(session.redis), WriteBudgets(session.redis)
    held = tuple(await held_calls(session.redis))
    if roster is None:
        return HandlerOverview(None, held=held)
    scopes = await known_scopes(session.redis, token_key(DEFAULT_INTEGRATION))
    paused = {pause.principal: pause.by for pause in await budgets.pauses()}
    disabled = await DisabledHandlers(session.redis).all()
    handlers = tuple(_with_missing(one, scopes, paused, disabled) for one in roster.handlers)
    stopped = {one.name for one in handlers if EVERY_PRINCIPAL in paused or one.name in paused}
    return HandlerOverview(
        replace(roster, handlers=handlers),
        await budgets.counts(),
        held,
        frozenset(stopped),
        frozenset(disabled),
        scopes,
    )


def _with_missing(
    handler: RosterHandler,
    scopes: frozenset[str] | None,
    paused: Mapping[str, str],
    disabled: Mapping[str, DisabledHandler],
) -> RosterHandler:
    found = list(handler.missing)
    lacking = [] if scopes is None or handler.mode == OFF else missing(handler.needs, scopes)
    if lacking:
        found.append(f"the token lacks {', '.join(lacking)}: add it to the integration in Sentry, under Permissions")
    by = paused.get(EVERY_PRINCIPAL) or paused.get(handler.name)
    if by and handler.mode != OFF:
        found.append(f"paused by {by}: `vedette resume` takes it back")
    if off := disabled.get(handler.name):
        found.append(f"disabled by {off.by}, its runs wait: `vedette enable {handler.name}` lets them go on")
    return replace(handler, missing=tuple(found))
