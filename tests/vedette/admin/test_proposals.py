from typing import Any

import pytest

from vedette.access.proposal_validity import NotInForceError
from vedette.admin.audit import list_audit
from vedette.admin.filters import AuditFilter
from vedette.admin.pauses import pause_handler
from vedette.admin.proposals import approve_proposal, list_proposals, reject_proposal
from vedette.admin.session import AdminSession
from vedette.permissions.grants import Grant
from vedette.store.access.handler_roster import HandlerRoster, write_roster
from vedette.store.access.proposals import ProposalDecidedError

GRANT = Grant(scopes=("event:admin",))


async def propose(scene: Any, session: AdminSession) -> str:
    """Let a handler propose to resolve the issue; return the proposal's id."""
    await scene.sentry(GRANT, mode="propose", needs=("event:write",)).issues.resolve(str(scene.issue.id))
    (proposal,) = (await list_proposals(session)).proposals
    return proposal.id


async def test_an_approved_proposal_is_sent(scene: Any, sentry_session: AdminSession) -> None:
    approval = await approve_proposal(sentry_session, await propose(scene, sentry_session))
    assert (approval.sent, approval.dropped) == (True, frozenset())
    assert scene.issue.status == "resolved"
    newest = (await list_audit(sentry_session, AuditFilter()))[0]
    assert newest.entry.text("decision") == "approved by ann"
    with pytest.raises(ProposalDecidedError):
        await approve_proposal(sentry_session, approval.proposal.id)


async def test_a_rejected_proposal_is_not_sent(scene: Any, sentry_session: AdminSession) -> None:
    rejected = await reject_proposal(sentry_session, await propose(scene, sentry_session))
    assert rejected.handler == "plugin"
    assert scene.issue.status == "unresolved"
    assert (await list_proposals(sentry_session)).proposals == []


async def test_a_proposal_of_a_paused_handler_stays_open(scene: Any, sentry_session: AdminSession) -> None:
    proposal = await propose(scene, sentry_session)
    await pause_handler(sentry_session, "plugin")
    assert not (await approve_proposal(sentry_session, proposal)).sent
    assert [one.id for one in (await list_proposals(sentry_session)).proposals] == [proposal]


async def test_a_proposal_of_a_removed_handler_is_not_sent(scene: Any, sentry_session: AdminSession) -> None:
    proposal = await propose(scene, sentry_session)
    await write_roster(sentry_session.redis, HandlerRoster((), ()))
    with pytest.raises(NotInForceError):
        await approve_proposal(sentry_session, proposal)
    assert scene.issue.status == "unresolved"
