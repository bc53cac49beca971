"""Names that operators give, checked against the known ones, so that a misspelt name is an error and not a no-op."""

from collections.abc import Collection

from vedette._core.nearest_name import did_you_mean
from vedette._core.printable import printable
from vedette._core.user_error import UserError
from vedette.store.access.audit_log import Audit, AuditEntry
from vedette.store.access.handler_roster import readable_roster
from vedette.store.access.write_budgets import EVERY_PRINCIPAL, WriteBudgets
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.search.audit_search import AuditSearch
from vedette.store.server.client import RedisClient

NEWEST_DELIVERIES = 1000
"""Number of deliveries that are searched for names."""
NEWEST_ENTRIES = 5000
"""Number of entries of the audit that are searched for names."""


class UnknownNameError(UserError):
    """A name that nothing in this installation has.

    Attributes:
        kind: Kind of the name, such as `handler` or `rule`.
        name: The name as it was written.
    """

    exit_code = 2

    def __init__(self, kind: str, name: str, known: Collection[str], *, where: str = "", advice: str = "") -> None:
        self.kind = kind
        self.name = name
        hints = [did_you_mean(name, known).removeprefix(": "), advice]
        super().__init__(": ".join((f"there is no {kind} {printable(name)}{where}", *filter(None, hints))))


async def loaded_handlers(client: RedisClient) -> set[str]:
    """Return the handlers that the workers have found, also those that cannot be used."""
    roster = await readable_roster(client)
    return set() if roster is None else {*roster.names, *(handler.name for handler in roster.handlers)}


async def current_handlers(client: RedisClient) -> set[str]:
    """Return the handlers that are loaded, have made calls, or are paused."""
    budgets = WriteBudgets(client)
    paused = {pause.principal for pause in await budgets.pauses()} - {EVERY_PRINCIPAL}
    return await loaded_handlers(client) | set(await budgets.counts()) | paused


async def recorded_handlers(client: RedisClient, audit: Audit) -> set[str]:
    """Return the current handlers, and those of the newest deliveries and of all audit entries."""
    names = await current_handlers(client)
    for delivery in await Deliveries(client).latest(limit=NEWEST_DELIVERIES):
        names.update(delivery.handlers or ())
    names.update(entry.text("handler") for entry in await newest_entries(audit))
    return names - {"", EVERY_PRINCIPAL}


async def newest_entries(audit: Audit) -> list[AuditEntry]:
    """Return the newest entries of the audit, which are searched for names like a misspelt one."""
    found: list[AuditEntry] = []
    async for entry in audit.newest():
        found.append(entry)
        if len(found) == NEWEST_ENTRIES:
            break
    return found


async def check_handler(
    name: str, client: RedisClient, audit: Audit, advice: str = "", agents: Collection[str] = frozenset()
) -> None:
    """Check that a handler or agent is known.

    Args:
        name: The name as it was written.
        client: The Redis client.
        audit: The audit; handlers in its entries are known.
        advice: The next step, for a name that resembles no known one.
        agents: The keys of the agents in the settings.

    Raises:
        UnknownNameError: No handler has this name; the error suggests the nearest one.
    """
    if name in agents or name in await current_handlers(client):
        return
    if await AuditSearch(client).is_known(f"handler:{name}"):
        return
    if f"agent:{name}" in agents:
        raise UnknownNameError("handler", name, [], advice=f"the agent of this name is agent:{name}")
    known = await recorded_handlers(client, audit) | set(agents)
    if name not in known:
        raise UnknownNameError("handler", name, known, advice=advice)
