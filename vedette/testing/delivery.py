"""Delivery of one event to one handler, decided and run as by a worker, with the same gate before Sentry."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from vedette._core.ids import new_identifier
from vedette.access.client_factory import ClientFactory, connect
from vedette.access.context import make_policy_services
from vedette.authoring.context import Context, list_notes
from vedette.authoring.decorators import HandlerFunction, NotAHandlerError, get_registration
from vedette.authoring.deferral import AwaitableName, Reminder
from vedette.authoring.live_config import LiveConfig
from vedette.authoring.run_record import RunRecord
from vedette.events import Event, parse
from vedette.events.catalog import known_names
from vedette.events.kinds.schedule import SCHEDULE, SCHEDULE_DUE, schedule_payload
from vedette.notify import Message
from vedette.permissions.grants import Grant, grant_of
from vedette.plugins.author_errors import ForgottenAwaitError
from vedette.plugins.author_scope import AuthorScope, run_guarded
from vedette.plugins.author_tasks import start_scope, track_tasks
from vedette.plugins.handler import Handler, make_handler
from vedette.plugins.handler_matching import subscribes_to
from vedette.plugins.handler_settings import read_own_settings
from vedette.plugins.provided_objects import ProvidedObjects
from vedette.plugins.providers import Provider, Providers
from vedette.plugins.unawaited import track_unawaited_coroutines
from vedette.settings.access import AccessSettings
from vedette.settings.settings import DEFAULT_INTEGRATION, IntegrationSettings, Mode
from vedette.store.access.audit_log import AuditEntry
from vedette.store.access.handler_state import HandlerState
from vedette.store.runs.run import run_name
from vedette.store.server.server_check import open_redis
from vedette.testing.outbox import Outbox

_TIDYING = 1.0
"""Seconds that tasks which a handler leaves have to tidy up when they are cancelled."""


@dataclass(frozen=True)
class Later:
    """A run that a handler deferred with `ctx.later`."""

    after: float
    """Seconds."""
    reminder: Reminder
    _deliver: "Callable[[Reminder], Delivered]" = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the deferred run."""
        return self.reminder.name

    @property
    def data(self) -> Mapping[str, Any]:
        """The data that the handler gave to it."""
        return self.reminder.data

    def run(self) -> "Delivered":
        """Run it now: the handler runs again on the same event, with `ctx.reminder`."""
        return self._deliver(self.reminder)


@dataclass(frozen=True)
class Delivered:
    """The outcome of a delivery."""

    why_not: str
    """The reason for which the handler was not chosen; empty if it was."""
    did: tuple[str, ...] = ()
    """Its actions, in plain English, as operators read them."""
    error: Exception | None = None
    """The exception that it raised."""
    audit: tuple[AuditEntry, ...] = ()
    """Its calls to Sentry and their outcomes, the oldest first."""
    told: tuple[tuple[str, Message], ...] = ()
    """Its messages, each with the channel; nothing leaves the test."""
    later: tuple[Later, ...] = ()
    """The runs that it deferred with `ctx.later`; each can be `run()`."""
    record: RunRecord = field(default_factory=RunRecord)
    """The results of its writes, the rules that matched, and why others did not."""

    @property
    def ran(self) -> bool:
        """True if it was chosen, and raised nothing."""
        return not self.why_not and self.error is None

    @property
    def decisions(self) -> list[str]:
        """The decision on each call in the audit: `granted by ...`, `denied: ...`, `observed`, `proposed`."""
        return [entry.text("decision") for entry in self.audit if entry.kind == "call"]

    @property
    def sent(self) -> list[str]:
        """The writes that were sent to Sentry, in plain English: `commented on FERRY-API-4K`."""
        return self._intents("granted")

    @property
    def held_back(self) -> list[str]:
        """The writes that were only recorded, or wait for a person, as its mode says."""
        return self._intents("observed", "proposed", "paused")

    @property
    def denied(self) -> list[str]:
        """The reasons for which calls were denied: `its grant does not hold event:write`."""
        return [text.removeprefix("denied: ") for text in self.decisions if text.startswith("denied: ")]

    def _intents(self, *decisions: str) -> list[str]:
        calls = [entry for entry in self.audit if entry.kind == "call"]
        return [entry.text("intent") for entry in calls if entry.text("decision").startswith(decisions)]


class RecordingDeferrer:
    """Records the deferred runs of one run; as in production, the first of a name counts."""

    def __init__(self, delivery: str, handler: str, deliver: "Callable[[Reminder], Delivered]") -> None:
        self._delivery = delivery
        self._handler = handler
        self._deliver = deliver
        self._asked: dict[str, Later] = {}

    def __call__(self, after: float, reminder: Reminder) -> AwaitableName:
        """Record a deferred run."""
        self._asked.setdefault(reminder.name, Later(after, reminder, self._deliver))
        return AwaitableName(f"{self._delivery}:{run_name(self._handler, reminder.name)}")

    @property
    def asked(self) -> tuple[Later, ...]:
        """All deferred runs, in the order of the calls."""
        return tuple(self._asked.values())


def due_event(handler: Handler) -> Event:
    """Return the event for the next time of a handler with `@every`."""
    cron = handler.crons[0]
    due = cron.after(datetime.now(UTC))
    return parse(SCHEDULE, schedule_payload(handler.name, DEFAULT_INTEGRATION, cron.expression, cron.timezone, due))


def handler_of(
    function: HandlerFunction, mode: Mode, grant: Grant | None, given: Mapping[str, Any], providers: Providers
) -> Handler:
    """Return the handler that a function is, by default with a grant of just its needs.

    Raises:
        NotAHandlerError: it has no `@on`.
        UnknownPatternError, UnknownParameterError, OwnSettingsError: as when a worker loads it.
    """
    registration = get_registration(function)
    name = getattr(function, "__name__", "handler")
    if registration is None:
        raise NotAHandlerError(function, f'write @on("issue.created") above `async def {name}`')
    made = make_handler(
        name,
        function,
        registration.patterns,
        "the test",
        mode,
        frozenset(known_names()),
        registration.options,
        providers,
    )
    own = read_own_settings(f"handlers.{name}", function, given)
    config = None if registration.make_live_config is None else registration.make_live_config(own)
    needs = registration.needs if config is None else config.needs
    handler = Handler(
        **{field: getattr(made, field) for field in ("name", "function", "patterns", "source", "mode", "parameters")},
        options=made.options,
        needs=needs,
        grant=_just(needs, config) if grant is None else grant,
        condition=registration.condition,
        crons=registration.crons,
        takes=made.takes,
        own=own,
        live_config=config,
    )
    return handler.with_live_config()


def _just(needs: tuple[str, ...], config: LiveConfig | None) -> Grant:
    return replace(grant_of(None, needs, bundled=True, fields=config.fields if config else ()), shipped=False)


class UnusedReplacementError(TypeError):
    """A test that replaces an object which its handler does not take."""

    def __init__(self, handler: Handler, name: str) -> None:
        self.name = name
        taken = ", ".join(sorted(_names_of(handler))) or "nothing of a provider"
        super().__init__(f"{handler.name} takes {taken}, so provide={{{name!r}: ...}} replaces nothing")


def check_replacements(handler: Handler, provide: Mapping[str, Any]) -> None:
    """Refuse a replacement that nothing would use.

    Raises:
        UnusedReplacementError: when the handler takes nothing of that name.
    """
    for name in provide:
        if name not in _names_of(handler):
            raise UnusedReplacementError(handler, name)


def _names_of(takes: Handler | Provider) -> set[str]:
    names: set[str] = set()
    for provider in takes.takes.values():
        names |= {provider.name, *_names_of(provider)}
    return names


async def deliver_to(
    handler: Handler,
    event: Event,
    integration: IntegrationSettings,
    redis_url: str,
    objects: ProvidedObjects,
    again: Callable[[Reminder], Delivered],
    reminder: Reminder | None = None,
) -> Delivered:
    """Run a handler on an event that it subscribes to, or on a reminder; runs that it defers are given to `again`."""
    why_not = "" if reminder else _why_not(handler, event)
    if why_not:
        return Delivered(why_not)
    client = open_redis(redis_url)
    connection = connect(DEFAULT_INTEGRATION, integration, client)
    controls = make_policy_services(client, AccessSettings())
    outbox = Outbox()
    context = Context(new_identifier(), handler.name, 1, handler.mode, reminder=reminder)
    context.defer_run = deferrer = RecordingDeferrer(context.delivery, handler.name, again)
    before = len([entry async for entry in controls.audit.oldest()])
    try:
        clients = ClientFactory(controls, outbox)
        sentry = clients.sentry_for(connection, handler, context, event)
        notify = clients.notify_for(connection, handler, context, event)
        log = structlog.get_logger(handler.name)

        async def work() -> None:
            made = await objects.resolve(handler)
            given = {"event": event, "ctx": context, "sentry": sentry, "notify": notify, "log": log, **made}
            await handler.run({**given, "state": HandlerState(client, handler.name, context.delivery)})

        error = await _contained(work, context)
        audit = tuple([entry async for entry in controls.audit.oldest()][before:])
    finally:
        await objects.close()
        await connection.transport.aclose()
        await client.aclose()
    done, told = list_notes(context), tuple(outbox.told)
    return Delivered("", done, error, audit, told, deferrer.asked, context.record)


async def _contained(work: Callable[[], Awaitable[None]], context: Context) -> Exception | None:
    """Run a handler as a worker does, and return its exception, if any.

    Raises:
        ForgottenAwaitError: It did not await a coroutine; a test must not pass then.
    """
    track_tasks(asyncio.get_running_loop())
    scope = AuthorScope(context.handler)
    with track_unawaited_coroutines():
        error = await start_scope(scope, run_guarded(work), context.handler)
        if left := await scope.end(_TIDYING):
            context.note(left)
    if isinstance(error, ForgottenAwaitError):
        raise error
    if error is None and scope.forgotten:
        raise ForgottenAwaitError(scope.forgotten)
    return error


def _why_not(handler: Handler, event: Event) -> str:
    if not subscribes_to(handler, event, frozenset(known_names())):
        return f"it asks for {', '.join(handler.patterns) or SCHEDULE_DUE}, and this is {event.name}"
    return handler.condition.unmet(event) if handler.condition else ""
