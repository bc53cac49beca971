"""Approves and rejects proposed writes; an approved write passes the gate like any other, and both are audited."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from redis.exceptions import RedisError

from vedette._core.user_error import UserError
from vedette.access.audit_records import dropped_of
from vedette.access.context import CallContext, IntegrationConnection, PolicyServices
from vedette.access.gate import GateBuilder
from vedette.access.message_calls import CHANNEL, SEND_MESSAGE, call_of_message, target_of_proposal
from vedette.access.prepared_call import PreparedCall
from vedette.access.proposal_mapping import call_of, stale_fields
from vedette.api.call import Answer, Call
from vedette.api.errors import NotFound
from vedette.notify.channels import Channels
from vedette.notify.message import message_of
from vedette.permissions.authorization import Access
from vedette.permissions.grants import Grant
from vedette.permissions.principal import Principal
from vedette.store.access.proposals import LEASE, Proposal, ProposalNotFoundError, State


class StaleProposalError(UserError):
    """An issue was changed by others since the write was proposed."""

    def __init__(self, proposal: Proposal, label: str, fields: list[str]) -> None:
        self.proposal = proposal
        self.fields = fields
        super().__init__(
            f"{label} was changed since ({', '.join(fields)}), so that proposal {proposal.id} "
            "is out of date: look at the issue in Sentry"
        )


class ProposalGoneError(UserError):
    """An issue that a proposed write is about is no longer there; the proposal is closed."""

    def __init__(self, proposal: Proposal, issue: str) -> None:
        self.proposal = proposal
        self.issue = issue
        super().__init__(
            f"{proposal.label or f'issue {issue}'} is no longer in Sentry, so that proposal {proposal.id} is closed"
        )


async def approve(
    services: PolicyServices,
    connection: IntegrationConnection,
    proposal: Proposal,
    grant: Grant,
    by: str,
    channels: Channels | None = None,
) -> Answer:
    """Send a proposed write, if the issue was not changed since and the write is still granted.

    Args:
        services: The audit, the budgets and the proposals.
        connection: The connection that sends the write.
        proposal: The proposal to approve.
        grant: The grant of the principal as the settings are now.
        by: The person who approves.
        channels: The channels of the settings, for messages.

    Raises:
        StaleProposalError: The issue was changed.
        ProposalGoneError: The issue is deleted.
        ProposalTakenError: Another person is deciding it.
        ProposalDecidedError: It was decided already.
        AccessDenied: The write is no longer granted.
        SentryError: Sentry refused it or failed.
        NotificationError: A channel refused the message or failed.
    """
    token = await services.proposals.take(proposal.id, by)
    state: State = "open"
    try:
        async with _lease(services, proposal, token, by):
            answer = await _send(services, connection, await services.proposals.get(proposal.id), grant, by, channels)
        state = "approved" if answer.sent else "open"
    except StaleProposalError:
        state = "stale"
        raise
    except ProposalGoneError:
        state = "gone"
        raise
    finally:
        # After any other error it can be decided again; a proposal that has expired meanwhile needs no closing.
        with suppress(ProposalNotFoundError):
            await services.proposals.close(proposal.id, token, state, by)
    return answer


@asynccontextmanager
async def _lease(services: PolicyServices, proposal: Proposal, token: str, by: str) -> AsyncGenerator[None]:
    """Renew the lease on a proposal until its write has ended."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            # There are three renewals to a lease, so that one may fail.
            with suppress(RedisError, UserError):
                await services.proposals.take(proposal.id, by, token)

    renewal = asyncio.create_task(renew(), name="proposal lease")
    try:
        yield
    finally:
        renewal.cancel()
        with suppress(asyncio.CancelledError):
            await renewal


async def _send(
    services: PolicyServices,
    connection: IntegrationConnection,
    taken: Proposal,
    grant: Grant,
    by: str,
    channels: Channels | None,
) -> Answer:
    access = Access(Principal.from_key(taken.handler), taken.needs, grant)
    context = CallContext(access, taken.source, "act", {}, taken.delivery, taken.event, order=f"approved by {by}")
    gates = GateBuilder(services, connection)
    if taken.operation == SEND_MESSAGE.name:
        chain = gates.message_chain(channels or Channels())
        answer = await chain.send(PreparedCall(_message_call(taken), context, target_of_proposal(taken)))
        # An approval that ended between sending and recording it has sent the message.
        return answer.with_sent(sent=answer.sent or answer.status == HTTPStatus.ALREADY_REPORTED)
    call = call_of(taken)
    for issue in taken.issues:
        try:
            seen = await connection.issue_cache.read(issue, connection.transport, call)
        except NotFound as error:
            if not error.detail.text:  # no answer about this issue: the organization or the server is another
                raise
            raise ProposalGoneError(taken, issue) from error
        if fields := stale_fields(taken, seen):
            raise StaleProposalError(taken, seen.label, fields)
    for key, name in taken.names.items():
        connection.issue_cache.actors[key] = name
    return await gates.sentry_chain().send(PreparedCall(call, context))


def _message_call(taken: Proposal) -> Call:
    return call_of_message(taken.parameters[CHANNEL], message_of(taken.body or {}))


def dropped_by(proposal: Proposal, answer: Answer) -> frozenset[str]:
    """Return the fields of an approved update that Sentry accepted and dropped."""
    return frozenset() if proposal.operation == SEND_MESSAGE.name else dropped_of(call_of(proposal), answer)


async def reject(services: PolicyServices, proposal: Proposal, by: str) -> None:
    """Reject a proposed write.

    Raises:
        ProposalDecidedError: It was decided already.
        ProposalTakenError: Another person is deciding it.
    """
    token = await services.proposals.take(proposal.id, by)
    about = {"handler": proposal.handler, "issue": proposal.issues[0] if len(proposal.issues) == 1 else ""}
    facts = {**about, "intent": proposal.intent, "label": proposal.label, "project": proposal.project}
    where = {"delivery": proposal.delivery, "event": proposal.event, "because": proposal.because}
    await services.audit.append("order", {**facts, **where, "decision": f"rejected by {by}"})
    await services.proposals.close(proposal.id, token, "rejected", by)
