"""Filters of deliveries, runs, dead letters and audit entries, with one meaning for each query.

A filter that matches nothing is checked afterwards: a value that is not known at all is an error with the nearest known
value, so that an empty result always means that no entry matches.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from vedette._core.json_values import json_list
from vedette.admin.dead_groups import group_of
from vedette.admin.names import NEWEST_DELIVERIES, UnknownNameError, loaded_handlers, newest_entries, recorded_handlers
from vedette.events.catalog import RESOURCES
from vedette.permissions.principal import Principal
from vedette.store.access.audit_log import READS, Audit, AuditEntry
from vedette.store.deliveries.deliveries import Deliveries, DeliverySummary
from vedette.store.runs.run import Run, RunState
from vedette.store.search.audit_search import AuditQuery, AuditSearch
from vedette.store.search.delivery_search import DeliveryQuery
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time

STATES: tuple[str, ...] = get_args(RunState)


@dataclass(frozen=True)
class DeliveryFilter:
    """Conditions on deliveries and their runs; an empty text matches all."""

    since: int = 0
    """Unix time in milliseconds."""
    resource: str = ""
    handler: str = ""
    issue: str = ""
    """Id or short id."""
    limit: int = 50
    state: str = ""
    rebuilt: bool = False
    """Return whether only rebuilt deliveries match."""
    group: str = ""
    """The id of a group of dead letters."""
    rule: str = ""
    """A rule that matched."""
    until: int = 0
    """Unix time in milliseconds; 0 for no end."""
    request: str = ""
    """Sentry's Request-ID."""

    def __post_init__(self) -> None:
        """Check the state.

        Raises:
            UnknownNameError: No run is ever in this state; the error suggests the nearest one.
        """
        if self.state and self.state not in STATES:
            raise UnknownNameError("state", self.state, STATES, advice=_listed(STATES))

    @property
    def is_narrowed(self) -> bool:
        """Return whether there is a condition besides the age."""
        names = (self.resource, self.handler, self.issue, self.state, self.group, self.rule, self.request)
        return self.rebuilt or any(names)

    def to_query(self, *, needs_runs: bool = False) -> DeliveryQuery:
        """Return the query for deliveries; with `needs_runs` for those that have a run that matches."""
        states = (self.state,) if self.state else STATES if needs_runs else ()
        return DeliveryQuery(
            self.since, self.until, self.issue, self.rule, self.resource, self.handler, states, self.rebuilt
        )

    def matches_run(self, run: Run) -> bool:
        """Return whether a run matches, of a delivery that does."""
        is_same = self.handler in {"", run.handler} and self.state in {"", run.state}
        return is_same and (not self.group or self.group == group_of(run))

    def matches_delivery(self, delivery: DeliverySummary, runs: Sequence[Run]) -> bool:
        """Return whether a delivery matches, and one of its runs too if there is a condition on runs."""
        if not self._matches(delivery):
            return False
        return not (self.handler or self.state) or any(self.matches_run(run) for run in runs)

    def _matches(self, delivery: DeliverySummary) -> bool:
        wanted = self.issue.casefold()
        names = {"", (delivery.issue or "").casefold(), (delivery.label or "").casefold()}
        is_kind = self.resource in {"", delivery.resource} and (bool(delivery.rebuilt) or not self.rebuilt)
        is_time = delivery.accepted >= self.since and (delivery.accepted <= self.until or not self.until)
        return is_kind and is_time and wanted in names

    async def refuse_unknown(self, client: RedisClient) -> None:
        """Check resource and handler against the known ones, after a query without results.

        Raises:
            UnknownNameError: The resource or handler is not known; the error suggests the nearest one.
        """
        seen = await Deliveries(client).latest(limit=NEWEST_DELIVERIES) if self.resource or self.handler else []
        resources = {*RESOURCES, *(one.resource for one in seen)} - {""}
        if self.resource and self.resource not in resources:
            raise UnknownNameError("resource", self.resource, resources, advice=_listed(resources))
        if self.handler:
            loaded = await loaded_handlers(client)
            handlers = loaded | {handler for one in seen for handler in one.handlers or ()}
            # Before the first worker has started, handlers without deliveries cannot be known.
            if loaded and self.handler not in handlers:
                raise UnknownNameError("handler", self.handler, handlers, advice=_listed(handlers))


@dataclass(frozen=True)
class AuditFilter:
    """Conditions on audit entries; an empty text matches all."""

    handler: str = ""
    """The key of the principal: the name of a handler, or `agent:NAME`."""
    issue: str = ""
    """Id or short id."""
    rule: str = ""
    project: str = ""
    """Slug."""
    since_age: int = 0
    """Greatest age in milliseconds; 0 for any age."""
    until_age: int = 0
    """Least age in milliseconds."""
    with_reads: bool = False
    """Return whether the reads of agents match too."""
    delivery: str = ""
    """The delivery that a run was working on."""

    @property
    def is_narrowed(self) -> bool:
        """Return whether there is a condition besides the age."""
        return bool(self.handler or self.issue or self.rule or self.project or self.delivery)

    def matches(self, entry: AuditEntry) -> bool:
        """Return whether an entry matches, its age aside."""
        if entry.kind == READS and not self.with_reads:
            return False
        return all(
            not wanted or _contains(_names_in(kind, [entry]), kind, wanted) for kind, wanted in self._conditions()
        )

    async def to_query(self, client: RedisClient) -> AuditQuery:
        """Return the query; ages are counted from the server's clock."""
        first, last = await self.span(client) if self.since_age or self.until_age else (0, 0)
        return AuditQuery(
            *(first, last, self.handler, self.issue, self.rule, self.project, self.delivery),
            with_reads=self.with_reads,
        )

    async def span(self, client: RedisClient) -> tuple[int, int]:
        """Return the first and last moment that match, as Unix time in milliseconds of the server's clock."""
        now = round(await server_time(client) * 1000)
        return (now - self.since_age if self.since_age else 0), now - self.until_age

    async def refuse_unknown(self, client: RedisClient, audit: Audit) -> None:
        """Check the names against the known ones, after a query without results.

        Raises:
            UnknownNameError: A name is not known; the error suggests the nearest one.
        """
        if not self.is_narrowed:
            return
        search = AuditSearch(client)
        if all([await search.is_known(name) for name in (await self.to_query(client)).names()]):
            return
        entries = await newest_entries(audit)
        for kind, wanted in self._conditions():
            known = await recorded_handlers(client, audit) if kind == "handler" else _names_in(kind, entries)
            if not wanted or _contains(known, kind, wanted):
                continue
            principal = Principal.from_key(wanted) if kind == "handler" else None
            if principal is not None and principal.kind == "agent":
                agents = {one.name for one in map(Principal.from_key, known) if one.kind == "agent"}
                raise UnknownNameError("agent", principal.name, agents, advice="`vedette agents` lists them")
            raise UnknownNameError(kind, wanted, known, where="" if kind == "handler" else " in the audit")

    def _conditions(self) -> tuple[tuple[str, str], ...]:
        return ("handler", self.handler), ("issue", self.issue), ("rule", self.rule), ("project", self.project)


def rule_of(entry: AuditEntry) -> str:
    """Return the rule that made a write; empty for writes of handlers."""
    because = entry.text("because")
    return entry.text("rule") or (because.removeprefix("rule ") if because.startswith("rule ") else "")


def _contains(names: set[str], kind: str, wanted: str) -> bool:
    """Return whether a name is among others; only issues are compared without regard to case."""
    return wanted.casefold() in {name.casefold() for name in names} if kind == "issue" else wanted in names


def _names_in(kind: str, entries: Iterable[AuditEntry]) -> set[str]:
    """Return the names of one kind that entries mention."""
    found: set[str] = set()
    for entry in entries:
        if kind == "issue":
            found.update(map(str, json_list(entry.facts.get("issues"))))
            found.update((entry.text("issue"), entry.text("label")))
        elif kind == "rule":
            found.add(rule_of(entry))
        else:
            found.add(entry.text(kind))
    return found - {""}


def _listed(names: Iterable[str]) -> str:
    return f"there are {', '.join(sorted(names))}"
