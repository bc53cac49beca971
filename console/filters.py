"""The filters that listing commands share, so that they are spelled and mean the same everywhere.

A filter's value that nothing knows is refused with the nearest one that something does, so that an empty list means
that there is nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, get_args

import typer

from console.exit_codes import WRONG_USAGE
from console.known_names import UnknownNameError
from console.rendering import delivery_table
from vedette.events.catalog import RESOURCES
from vedette.store.access.handler_roster import readable_roster
from vedette.store.deliveries.deliveries import Deliveries, DeliverySummary
from vedette.store.runs.run import Run, RunState
from vedette.store.server.client import RedisClient

Since = Annotated[str, typer.Option(help="Only what came or ended within this age: 30m, 24h, 7d.")]
Resource = Annotated[str, typer.Option(help="Only of this resource, such as issue.")]
Handler = Annotated[str, typer.Option(help="Only of this handler.")]
Issue = Annotated[str, typer.Option(help="Only about this issue: its id, or its name such as SHOP-4K.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")]
State = Annotated[str, typer.Option(help="Only in this state, such as running, waiting or dead.")]

NO_MATCH = "No match: nothing that is kept fits these filters."
STATES: tuple[str, ...] = get_args(RunState)
_SEEN = 1000
"""Deliveries, the newest ones, that tell names beside those which are known anyway."""


@dataclass(frozen=True)
class ListFilters:
    """What is asked for; an empty text asks for all."""

    since: int = 0
    """Unix time in milliseconds."""
    resource: str = ""
    handler: str = ""
    issue: str = ""
    limit: int = 50
    state: str = ""

    def __post_init__(self) -> None:
        """Refuse a state that no run is ever in.

        Raises:
            UnknownNameError: With the nearest one.
        """
        if self.state and self.state not in STATES:
            raise UnknownNameError("state", self.state, STATES, advice=_listed(STATES))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but an age is asked for."""
        return bool(self.resource or self.handler or self.issue or self.state)

    def takes(self, delivery: DeliverySummary, run: Run) -> bool:
        """Return whether a handler's run on a delivery is asked for."""
        return self._is_about(delivery) and self.handler in {"", run.handler} and self.state in {"", run.state}

    def takes_delivery(self, delivery: DeliverySummary, runs: Sequence[Run]) -> bool:
        """Return whether a delivery is asked for: by itself, or for one of its runs where these are asked about."""
        if self.handler or self.state:
            return any(self.takes(delivery, run) for run in runs)
        return self._is_about(delivery)

    def _is_about(self, delivery: DeliverySummary) -> bool:
        wanted = self.issue.casefold()
        names = {"", (delivery.issue or "").casefold(), (delivery.label or "").casefold()}
        return self.resource in {"", delivery.resource} and wanted in names

    async def refuse_unknown(self, client: RedisClient) -> None:
        """Refuse a resource or handler that nothing knows; to be called where nothing was found.

        Raises:
            UnknownNameError: With the nearest one.
        """
        seen = await Deliveries(client).latest(limit=_SEEN) if self.resource or self.handler else []
        resources = {*RESOURCES, *(one.resource for one in seen)} - {""}
        if self.resource and self.resource not in resources:
            raise UnknownNameError("resource", self.resource, resources, advice=_listed(resources))
        if self.handler:
            known = await _loaded(client)
            handlers = known | {handler for one in seen for handler in one.handlers or ()}
            # Without a list of what is loaded, nothing is known of those that had nothing to do.
            if known and self.handler not in handlers:
                raise UnknownNameError("handler", self.handler, handlers, advice=_listed(handlers))


async def _loaded(client: RedisClient) -> set[str]:
    roster = await readable_roster(client)
    return set() if roster is None else {*roster.names, *(handler.name for handler in roster.handlers)}


def _listed(names: Iterable[str]) -> str:
    return f"there are {', '.join(sorted(names))}"


def since_or_exit(text: str) -> int:
    """Read an age, or end the command with what would be right."""
    try:
        return delivery_table.parse_since(text)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USAGE) from None
