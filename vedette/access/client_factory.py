"""Connects integrations to Sentry, and builds the arguments `sentry` and `notify` of handlers."""

from dataclasses import dataclass, field, replace

from vedette.access.context import CallContext, IntegrationConnection, PolicyServices
from vedette.access.gate import Gate, GateBuilder, sealed
from vedette.access.issue_cache import IssueCache
from vedette.access.message_batcher import make_batcher
from vedette.access.message_calls import target_of_event
from vedette.access.notifier import NotificationResult, Notifier, Notify
from vedette.access.token_breaker import TokenBreaker
from vedette.access.token_scopes import REMEMBERED, TokenScopes
from vedette.api import (
    CallOptions,
    Credential,
    HttpOptions,
    Memory,
    RetryPolicy,
    Sentry,
    SentryConnection,
    TokenKind,
    credential,
)
from vedette.api.server_record import Server
from vedette.authoring.context import Context
from vedette.events import Event
from vedette.notify import Channels, Message
from vedette.permissions.authorization import Access
from vedette.permissions.principal import Principal
from vedette.plugins.author_scope import NotedCalls
from vedette.plugins.handler import Handler
from vedette.settings.settings import IntegrationSettings, Mode
from vedette.settings.tenant import tenant_of_integration
from vedette.store.server.client import RedisClient

_OF_PERSONS = frozenset({TokenKind.USER, TokenKind.APP})


_SHARE = 0.75
"""The part of an attempt's time limit that one call may take, so that a hanging Sentry is reported as the cause."""


def connect(
    name: str,
    settings: IntegrationSettings,
    client: RedisClient,
    *,
    time_limit: float | None = None,
    options: HttpOptions | None = None,
    has_breaker: bool = False,
) -> IntegrationConnection:
    """Prepare the connection to Sentry; nothing is sent yet.

    Args:
        name: The name of the integration.
        settings: Its settings, with token and organization.
        client: The Redis in which all processes of the organization share its rate limit.
        time_limit: Seconds that a handler's attempt may take; a call to Sentry ends before that.
        options: Limits of the HTTP connection, unless the usual ones are meant.
        has_breaker: Whether a refusal of the token is recorded for all workers, so that their runs wait; a worker also
            remembers the scopes of the token for some seconds.

    Raises:
        UnusableTokenError: When the token cannot work.
    """
    assert settings.token is not None
    assert settings.organization is not None
    organization = settings.organization
    known: Credential = credential(settings.token)
    breaker = TokenBreaker(client, name, known.fingerprint) if has_breaker else None
    transport = SentryConnection(
        organization=organization,
        token=settings.token,
        base_url=settings.sentry_url,
        redis=client,
        options=options,
        retries=_policy_within(time_limit),
        on_refused=breaker.open if breaker else None,
    )
    token = TokenScopes(client, name, transport, remembered_for=REMEMBERED if has_breaker else 0.0)
    is_person = known.kind in _OF_PERSONS
    return IntegrationConnection(
        name,
        organization,
        transport,
        token,
        IssueCache(organization),
        is_person,
        tenant_of_integration(name, settings),
        breaker,
    )


def _policy_within(time_limit: float | None) -> RetryPolicy:
    policy = RetryPolicy()
    if time_limit is None:
        return policy
    total = min(policy.total, time_limit * _SHARE)
    return replace(policy, total=total, patience=min(policy.patience, total))


@dataclass(frozen=True)
class ClientFactory:
    """Builds the clients of runs."""

    services: PolicyServices
    channels: Channels = field(default_factory=Channels)
    # One for each handler, so that none can change the team that `#payments` means to another.
    memories: dict[tuple[str, str], Memory] = field(default_factory=dict[tuple[str, str], Memory])

    def sentry_for(self, connection: IntegrationConnection, handler: Handler, context: Context, event: Event) -> Sentry:
        """Return the client of one run."""
        transport = connection.transport
        chain = GateBuilder(self.services, connection).sentry_chain()

        # A closure, unlike a bound method, has no attribute that leads to the connection.
        def server() -> Server:
            return transport.server()

        return Sentry(
            organization=connection.organization,
            transport=sealed(NotedCalls(Gate(chain, _call_context(handler, context, event)))),
            memory=self.memories.setdefault((connection.integration, handler.name), Memory()),
            server=server,
            call_options=CallOptions() if event.issue_id is None else CallOptions(fresh=frozenset({event.issue_id})),
        )

    def notify_for(self, connection: IntegrationConnection, handler: Handler, context: Context, event: Event) -> Notify:
        """Return the argument `notify` of one run."""
        gates, calls = GateBuilder(self.services, connection), _call_context(handler, context, event)
        chain, check = gates.message_chain(self.channels), gates.message_check(self.channels)
        notifier = Notifier(calls, target_of_event(event), chain, check)

        # A closure, unlike a bound method, has no attribute that leads to the notifier.
        async def send(channel: str, message: Message, because: str, ceiling: Mode) -> NotificationResult:
            return await notifier.send(channel, message, because, ceiling)

        batches = self.services.message_batches
        return Notify(send, make_batcher(batches, calls.principal.key, context.delivery, notifier.check))


def _call_context(handler: Handler, context: Context, event: Event) -> CallContext:
    return CallContext(
        Access(Principal("handler", handler.name), handler.needs, handler.grant),
        handler.source,
        handler.mode,
        handler.modes,
        context.delivery,
        event.name,
        subject=event.issue_id or "",
        note=context.note,
        note_entry=context.audit_entries.append,
        note_result=context.record.note_result,
    )
