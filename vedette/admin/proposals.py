"""Proposals: listed, approved and rejected."""

from dataclasses import dataclass

from vedette.access import approvals
from vedette.access.proposal_validity import check_agent_in_force, check_in_force
from vedette.admin.connections import open_channels, open_sentry, policy_services
from vedette.admin.session import AdminSession
from vedette.permissions.agent_grants import grant_of_agent
from vedette.permissions.grants import NOTHING, Grant, grant_of
from vedette.permissions.principal import Principal
from vedette.store.access.handler_roster import readable_roster
from vedette.store.access.proposals import Proposal
from vedette.store.search.cursor import Cursor
from vedette.store.search.page import MOST_ROWS, Page


@dataclass(frozen=True)
class OpenProposals:
    """The proposals that wait for a decision."""

    proposals: list[Proposal]
    unreadable: tuple[str, ...]
    """Ids of proposals that cannot be read from Redis."""


@dataclass(frozen=True)
class Approval:
    """The outcome of an approval."""

    proposal: Proposal
    sent: bool
    """False if its handler is paused: the proposal stays open."""
    dropped: frozenset[str]
    """Fields that Sentry accepted and does not show as written."""


async def list_proposals(session: AdminSession) -> OpenProposals:
    """Return the proposals that wait for a decision."""
    unreadable: list[str] = []
    waiting = await policy_services(session).proposals.waiting(unreadable=unreadable)
    return OpenProposals(waiting, tuple(unreadable))


async def page_proposals(
    session: AdminSession,
    *,
    handler: str = "",
    issue: str = "",
    decided: bool = False,
    limit: int = 50,
    cursor: str = "",
) -> Page[Proposal]:
    """Return one page of the proposals that match, the newest first.

    Args:
        session: The caller.
        handler: The key of the principal that proposed them.
        issue: Only those about this issue, by its id or short id.
        decided: Those that were decided, the last decided first, and not those that wait.
        limit: How many proposals the page looks at.
        cursor: The cursor of the page before; empty for the first.

    Raises:
        InvalidCursorError: The text is no cursor.
    """
    begin = Cursor.read(cursor) if cursor else None
    stored = policy_services(session).proposals
    page = await stored.page(limit=min(limit, MOST_ROWS), cursor=begin, decided=decided)
    wanted = issue.casefold()
    rows = [
        one
        for one in page.rows
        if handler in {"", one.handler}
        and wanted in {"", one.label.casefold(), *(known.casefold() for known in one.issues)}
    ]
    return Page(rows, page.cursor)


async def approve_proposal(session: AdminSession, proposal: str) -> Approval:
    """Send a proposed write, if the settings and the workers still allow it and the issue is unchanged.

    Raises:
        ProposalNotFoundError: There is no such proposal, or it has expired.
        NotInForceError: Its handler or agent is switched off, expired, removed or set to observe.
        StaleProposalError: The issue was changed since.
        ProposalGoneError: The issue is deleted.
        ProposalTakenError: Another person decides it at this moment.
        ProposalDecidedError: It was decided before.
        AccessDenied: It is no longer granted.
        SentryError: Sentry rejected it or failed.
        NotificationError: A channel rejected it or failed.
    """
    policy = policy_services(session)
    found = await policy.proposals.get(proposal)
    grant = await _grant_in_force(session, found)
    async with open_sentry(session, found.integration) as sentry, open_channels(session) as channels:
        answer = await approvals.approve(policy, sentry, found, grant, session.by, channels)
    dropped = approvals.dropped_by(found, answer) if answer.sent else frozenset[str]()
    return Approval(found, answer.sent, dropped)


async def _grant_in_force(session: AdminSession, found: Proposal) -> Grant:
    """Return the grant of the principal that proposed a write, by the present settings.

    Raises:
        NotInForceError: The principal may no longer write.
    """
    principal = Principal.from_key(found.handler)
    if principal.kind == "agent":
        agent = session.settings.agents.get(principal.name)
        check_agent_in_force(found, principal.name, agent)
        return NOTHING if agent is None else grant_of_agent(agent)
    chosen = session.settings.handlers.get(found.handler)
    if found.state == "open":
        check_in_force(found, chosen, await readable_roster(session.redis))
    return grant_of(None if chosen is None else chosen.grant, found.needs, bundled=found.shipped, fields=found.fields)


async def reject_proposal(session: AdminSession, proposal: str) -> Proposal:
    """Reject a proposed write; return it.

    Raises:
        ProposalNotFoundError: There is no such proposal, or it has expired.
        ProposalTakenError: Another person decides it at this moment.
        ProposalDecidedError: It was decided before.
    """
    policy = policy_services(session)
    found = await policy.proposals.get(proposal)
    await approvals.reject(policy, found, session.by)
    return found
