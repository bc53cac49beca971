"""Knows which handlers there are, so that a command refuses a misspelt one instead of doing nothing in silence."""

from collections.abc import Collection

from console.exit_codes import WRONG_USAGE
from vedette._core.nearest_name import did_you_mean
from vedette._core.printable import printable
from vedette._core.user_error import UserError
from vedette.store.access.audit_log import Audit
from vedette.store.access.handler_roster import readable_roster
from vedette.store.access.write_budgets import EVERY_HANDLER, WriteBudgets
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.server.client import RedisClient

_RUNS = 1000
"""Deliveries, the newest ones, whose runs tell names of handlers."""


class UnknownNameError(UserError):
    """A command names something that nothing knows.

    Attributes:
        kind: What it should be: `handler`, `rule`.
        name: As it was written.
    """

    exit_code = WRONG_USAGE

    def __init__(self, kind: str, name: str, known: Collection[str], *, where: str = "", advice: str = "") -> None:
        self.kind = kind
        self.name = name
        hints = [did_you_mean(name, known).removeprefix(": "), advice]
        super().__init__(": ".join((f"there is no {kind} {printable(name)}{where}", *filter(None, hints))))


async def handlers_now(client: RedisClient) -> set[str]:
    """Return the names of the handlers that the workers have loaded, that have made calls, or that are paused."""
    roster = await readable_roster(client)
    admissions = WriteBudgets(client)
    loaded = {*roster.names, *(handler.name for handler in roster.handlers)} if roster else set[str]()
    paused = {pause.handler for pause in await admissions.pauses()} - {EVERY_HANDLER}
    return loaded | set(await admissions.counts()) | paused


async def handlers_ever(client: RedisClient, audit: Audit) -> set[str]:
    """Return `handlers_now`, and those of the newest deliveries and of all entries of the audit."""
    names = await handlers_now(client)
    for delivery in await Deliveries(client).latest(limit=_RUNS):
        names.update(delivery.handlers or ())
    names.update([entry.text("handler") async for entry in audit.newest()])
    return names - {"", EVERY_HANDLER}


async def check_handler(name: str, client: RedisClient, audit: Audit, advice: str = "") -> None:
    """Refuse a handler that nothing knows.

    Args:
        name: As it was written.
        client: Where the names are.
        audit: The audit there.
        advice: What to do where no known name is near.

    Raises:
        UnknownNameError: With the nearest known name.
    """
    if name in await handlers_now(client):
        return
    known = await handlers_ever(client, audit)
    if name not in known:
        raise UnknownNameError("handler", name, known, advice=advice)
