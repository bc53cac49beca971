"""The history of one delivery or issue: handlers that ran, reasons of those that did not, and calls to Sentry."""

from contextlib import suppress
from dataclasses import dataclass

from vedette.admin.audit import AuditLine, page_audit
from vedette.admin.deliveries import DeliveryWithRuns, list_deliveries
from vedette.admin.filters import AuditFilter, DeliveryFilter
from vedette.admin.proposals import list_proposals
from vedette.admin.session import AdminSession
from vedette.authoring.event_patterns import asks_for
from vedette.authoring.project_filter import ProjectFilter, projects_of
from vedette.events import InvalidPayload, parse
from vedette.events.catalog import known_names, names_of
from vedette.permissions.principal import Principal
from vedette.store.access.audit_log import AuditEntry
from vedette.store.access.handler_roster import OFF, RosterHandler, readable_roster
from vedette.store.access.proposals import Proposal
from vedette.store.access.refused_tokens import RefusedTokens
from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError, DeliverySummary
from vedette.store.deliveries.skip_reasons import read_considered
from vedette.store.runs.run import FINAL_STATES, Run
from vedette.store.runs.runs import Runs
from vedette.store.search.audit_search import AuditQuery, AuditSearch
from vedette.store.search.page import MOST_ROWS

_MOST_LINES = 200
_HOUR = 3_600_000
"""Milliseconds before a delivery in which a write may have caused it."""


@dataclass(frozen=True)
class DeliveryExplanation:
    """Everything that is known of a delivery."""

    delivery: DeliverySummary
    runs: tuple[Run, ...]
    left_out: dict[str, str]
    """Handler -> the reason why it did not run."""
    calls: tuple[AuditLine, ...]
    """The calls to Sentry that its runs made or tried, the oldest first."""
    problems: tuple[str, ...]
    """The plugins that are not loaded."""
    of_agents: tuple[AuditLine, ...] = ()
    """The writes of agents to its issue, from an hour before it on, the oldest first."""
    is_token_refused: bool = False
    """True while it is not decided and Sentry refuses its integration's token, for which it may wait."""


@dataclass(frozen=True)
class IssueHistory:
    """Everything that is known of an issue."""

    issue: str
    """Id or short id, as the caller gave it."""
    deliveries: tuple[DeliveryWithRuns, ...]
    """The deliveries about it, the newest first."""
    calls: tuple[AuditLine, ...]
    """The calls to Sentry and the orders about it, the newest first."""
    proposals: tuple[Proposal, ...]
    """The writes to it that wait for a decision."""


async def explain_delivery(session: AdminSession, delivery: str) -> DeliveryExplanation:
    """Return the handlers that were considered for a delivery, their runs and calls.

    Raises:
        DeliveryNotFoundError: There is no such delivery.
    """
    redis = session.redis
    summary = await Deliveries(redis).summary(delivery)
    roster = await readable_roster(redis)
    left_out = await read_considered(redis, delivery)
    runs = (await Runs(redis).of([(delivery, summary.runs or ())]))[delivery]
    for handler in roster.handlers if roster else ():
        if handler.name not in left_out and handler.name not in (summary.handlers or ()):
            reason = await _skip_reason(session, summary, tuple(runs), handler)
            if reason:
                left_out[handler.name] = reason
    lines = (await page_audit(session, AuditFilter(delivery=delivery), limit=_MOST_LINES)).rows
    problems = tuple(f"{one.source}: {one.reason}" for one in roster.problems if one.is_left_out) if roster else ()
    of_agents = await _writes_of_agents(session, summary)
    is_refused = summary.handlers is None and await _is_token_refused(session, summary.integration)
    return DeliveryExplanation(summary, tuple(runs), left_out, tuple(reversed(lines)), problems, of_agents, is_refused)


async def _is_token_refused(session: AdminSession, integration: str) -> bool:
    refusals = await RefusedTokens(session.redis).all()
    return any(name == integration and not token.replaced for (name, _), token in refusals.items())


async def explain_issue(session: AdminSession, issue: str, limit: int = _MOST_LINES) -> IssueHistory:
    """Return the deliveries, calls and open proposals of an issue.

    Args:
        session: The caller.
        issue: Id or short id.
        limit: Greatest number of deliveries, and of calls.
    """
    deliveries = await list_deliveries(session, DeliveryFilter(issue=issue, limit=limit))
    calls = (await page_audit(session, AuditFilter(issue=issue), limit=limit)).rows
    names = {issue.casefold()} | {one.issue.casefold() for one, _ in deliveries if one.issue}
    waiting = (await list_proposals(session)).proposals
    about = [one for one in waiting if names & {name.casefold() for name in (*one.issues, one.label)}]
    return IssueHistory(issue, tuple(deliveries), tuple(calls), tuple(about))


async def _writes_of_agents(session: AdminSession, delivery: DeliverySummary) -> tuple[AuditLine, ...]:
    """Return the writes of agents to the issue of a delivery, which may have caused it or answered it."""

    def is_of_agent(entry: AuditEntry) -> bool:
        return entry.kind == "call" and Principal.from_key(entry.text("handler")).kind == "agent"

    if not delivery.issue:
        return ()
    query = AuditQuery(since=delivery.accepted - _HOUR, issue=delivery.issue)
    found = await AuditSearch(session.redis).find(query, limit=MOST_ROWS)
    lines = [AuditLine(entry, outcome) for entry, outcome in found.entries if is_of_agent(entry)]
    return tuple(reversed(lines[:_MOST_LINES]))


async def _skip_reason(
    session: AdminSession, delivery: DeliverySummary, runs: tuple[Run, ...], handler: RosterHandler
) -> str:
    """Return the reason why a handler did not run, so far as known now; empty if it may still run."""
    names = names_of(delivery.resource, delivery.action)
    if not asks_for(handler.patterns, names, frozenset(known_names())):
        return f"it asks for {', '.join(handler.patterns) or 'its schedule only'}"
    if handler.mode == OFF:
        return "; ".join(handler.missing) or "it is off"
    if delivery.quarantined is not None:
        return "the delivery is quarantined"
    if unmet := await _unmet_project(session, delivery, handler):
        return unmet
    if delivery.handlers is None:
        return ""
    then = "" if all(run.state in FINAL_STATES for run in runs) else ", once its runs have ended"
    condition = f" (only when {handler.when})" if handler.when else ""
    return (
        f"it asks for such events now{condition}, and did not when this was decided: "
        f"`vedette replay {delivery.id}` decides again, for all handlers{then}"
    )


async def _unmet_project(session: AdminSession, delivery: DeliverySummary, handler: RosterHandler) -> str:
    chosen = session.settings.handlers.get(handler.name)
    where = ProjectFilter() if chosen is None else ProjectFilter(chosen.projects, chosen.except_projects)
    if where.is_everywhere:
        return ""
    with suppress(InvalidPayload, DeliveryNotFoundError):
        event = parse(delivery.resource, (await Deliveries(session.redis).get(delivery.id)).body)
        projects = projects_of(event)
        # A delivery without the project's slug cannot be judged before a worker has asked Sentry for it.
        return where.unmet(projects) if event.project.slug or not projects else ""
    return ""
