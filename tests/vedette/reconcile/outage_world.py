"""A simulated organization whose webhooks are lost, late or doubled, and the door that the others come through."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from vedette._core.ids import new_identifier
from vedette._core.progress import Progress, Silent
from vedette.api import RetryPolicy, Sentry, SentryConnection
from vedette.events.deduplication import OCCURRING
from vedette.events.identification import RECURRENCE_WINDOW, identify
from vedette.reconcile.report import SweepReport
from vedette.reconcile.scope import SweepScope, SweepTarget
from vedette.reconcile.state import ReconcileStates
from vedette.reconcile.sweep import Sweep
from vedette.settings.reconcile import ReconcileSettings
from vedette.simulator import (
    SENTRY,
    Actor,
    ErrorReport,
    Faults,
    Issue,
    RateLimits,
    WebhookSender,
    World,
    create_app,
    escalate,
    notes,
    population,
    record_error,
    status,
)
from vedette.simulator.webhooks.delivery_log import LoggedRequest
from vedette.simulator.webhooks.webhook import Webhook
from vedette.simulator.world.people import Assignee
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.deliveries.stored_record import StoredRecord, encode_facts
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import (
    DELIVERIES,
    DELIVERY_PREFIX,
    JOURNAL,
    SEEN_PREFIX,
    STORED,
    messages_key,
    queue_key,
)
from vedette.store.server.scripts import script
from vedette.testing.servers import served

DAY = 86_400_000
Fate = Literal["sent", "lost", "late"]


@dataclass
class Original:
    """A webhook of the simulated Sentry."""

    resource: str
    body: bytes
    sent: int
    """When Sentry sends it, Unix time in milliseconds."""
    key: str
    """Its `Idempotency-Key`; empty from older servers."""
    occurrence: str
    issue: str


@dataclass
class OutageWorld:
    """An organization, its webhooks, and sweeps over it, in a time that the test moves."""

    client: RedisClient
    sentry: Sentry
    world: World
    random: random.Random
    with_keys: bool
    fate: Callable[[], Fate]
    clock: list[datetime]
    sender: WebhookSender
    faults: Faults
    settings: ReconcileSettings = field(default_factory=ReconcileSettings)
    emitted: list[Original] = field(default_factory=list[Original])
    lost: list[Original] = field(default_factory=list[Original])
    late: list[Original] = field(default_factory=list[Original])
    issues: list[Issue] = field(default_factory=list[Issue])
    waiting: list[Original] = field(default_factory=list[Original])
    app: str = ""
    heard: frozenset[str] = frozenset({"issue", "comment"})
    """The resources of which webhooks are sent; the others have no box ticked."""
    wanted: frozenset[str] = frozenset(OCCURRING)
    """The events that a handler asks for."""

    def __post_init__(self) -> None:
        self.team = population.add_team(self.world, "payments")
        self.project = population.add_project(self.world, "shop", teams=[self.team])
        user = population.add_member(self.world, "mei@shop.example", "Mei Ito", teams=[self.team]).user
        assert user is not None
        self.person = Actor(user=user)
        self.integration = population.add_integration(self.world, "vedette")
        self.tracker = Actor(integration=population.add_integration(self.world, "tracker"))
        self.world.listeners.append(self._hear)

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def move(self, **delta: float) -> None:
        self.clock[0] += timedelta(**delta)

    def _hear(self, webhook: Webhook) -> None:
        if webhook.resource not in self.heard:
            return
        body = webhook.body(self.integration)
        found = identify(webhook.resource, body)
        key = f"{self.random.getrandbits(128):032x}" if self.with_keys else ""
        sent = round(self.now.timestamp()) * 1000
        one = Original(webhook.resource, body, sent, key, found.occurrence or found.key, found.issue)
        self.emitted.append(one)
        match self.fate():
            case "lost":
                self.lost.append(one)
            case "late":
                self.late.append(one)
            case "sent":
                self.waiting.append(one)

    def log_failure(self, event_type: str, subject: str, subject_type: str) -> None:
        """Write a webhook that found no receiver into Sentry's log."""
        url = "https://hooks.example/"
        row = LoggedRequest(self.now, event_type, -1, url, "r", subject, subject_type, 0.0, self.integration.slug)
        self.sender.log_of(self.integration.slug).add(row)

    async def deliver_sent(self) -> None:
        """Deliver what Sentry has sent, in any order."""
        self.random.shuffle(self.waiting)
        while self.waiting:
            await self.deliver(self.waiting.pop())

    async def deliver_late(self) -> None:
        """Deliver what was late: Sentry stamps it with the time at which it sends it."""
        while self.late:
            one = self.late.pop(self.random.randrange(len(self.late)))
            one.sent = round(self.now.timestamp()) * 1000
            await self.deliver(one)

    async def deliver_lost_late(self) -> None:
        """Deliver what was lost after all, within the hour: Sentry's queues were behind."""
        for one in self.lost:
            await self.deliver(one)

    async def deliver(self, one: Original) -> None:
        """Store a webhook as the receiver does."""
        found = identify(one.resource, one.body, one.key)
        record = StoredRecord(
            id=new_identifier(one.sent),
            key=f"default:{found.key}",
            window=RECURRENCE_WINDOW if found.recurs else DAY,
            integration="default",
            source="webhook",
            resource=one.resource,
            action=found.action,
            subject=found.subject,
            issue=found.issue,
            accepted=one.sent + 40,
            sent=str(one.sent // 1000),
            request_id="",
            headers="{}",
            size=len(one.body),
            encoding="",
            state="accepted",
            reason="",
            secret="",
            tenant="sentry.io/acme",
            sent_key=found.sent_key,
            sent_window=DAY if found.sent_key else 0,
            body_key=f"{self.random.getrandbits(128):032x}",
            recurs=found.recurs,
            occurrence=found.occurrence,
        )
        keys = [DELIVERIES, JOURNAL, STORED, queue_key("fan_out"), messages_key("fan_out")]
        arguments = [DELIVERY_PREFIX, SEEN_PREFIX, 100, "", encode_facts(record), one.body]
        await self.client.register_script(script("deliveries/accept"))(keys=keys, args=arguments)

    def create(self) -> Issue:
        """Let a new error happen."""
        number = len(self.issues)
        event = record_error(
            self.world, self.project, ErrorReport("ValueError", f"no. {number}", function=f"f{number}")
        )
        assert event is not None
        self.issues.append(event.issue)
        return event.issue

    def act(self, issue: Issue) -> None:
        """Let something happen to an issue, where it can."""
        doer = self.random.choice((self.person, self.tracker))
        choices: list[Callable[[], object]] = [
            lambda: notes.comment(self.world, issue, self.person, f"note {self.random.random()}")
        ]
        if issue.status == "unresolved":
            choices.append(lambda: status.resolve(self.world, issue, doer))
            choices.append(lambda: status.archive(self.world, issue, self.person, "archived_until_escalating"))
            choices.append(lambda: status.set_priority(self.world, issue, SENTRY, self.random.choice(("low", "high"))))
        if issue.status == "resolved":
            choices.append(lambda: record_error(self.world, self.project, issue.report))
        if issue.status == "ignored":
            choices.append(lambda: escalate(self.world, issue))
        if issue.assignee is None and not any(one.type == "assigned" for one in issue.activity):
            choices.append(lambda: status.assign(self.world, issue, doer, Assignee(self.team)))
        self.random.choice(choices)()

    async def sweep(self, progress: Progress | None = None, **scope: Any) -> SweepReport:
        """Sweep once."""
        target = SweepTarget(
            "default",
            "sentry.io/acme",
            self.world.base_url,
            self.app,
            self.integration.installation,
            self.wanted,
        )
        return await Sweep(
            target, self.settings, self.sentry, self.client, self.now, SweepScope(**scope), progress or Silent()
        ).run()

    async def stored(self) -> Counter[str]:
        """How many deliveries are stored of each occurrence; each is handled once."""
        found = await Deliveries(self.client).latest(limit=100_000)
        names: Counter[str] = Counter()
        for summary in found:
            body = (await Deliveries(self.client).get(summary.id)).body
            found = identify(summary.resource, body)
            names[found.occurrence or found.key] += 1
        return names

    def expected(self) -> Counter[str]:
        """How many webhooks Sentry sent, or should have sent, of each occurrence."""
        return Counter(one.occurrence for one in self.emitted)

    async def state(self) -> Any:
        return await ReconcileStates(self.client, "default").read()


@asynccontextmanager
async def outage_world(
    client: RedisClient,
    *,
    seed: int = 1,
    with_keys: bool = False,
    fate: Callable[[random.Random], Fate] = lambda _: "sent",
    faults: Faults | None = None,
) -> AsyncGenerator[OutageWorld]:
    """An empty organization, some hours ago."""
    clock = [datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)]
    chance = random.Random(seed)  # noqa: S311 - it needs to be repeatable
    world = World("acme", clock=lambda: clock[0], seed=seed)
    # It sends nothing itself: the test decides the fate of each webhook. But its log can be read.
    sender = WebhookSender(world)
    faults = faults or Faults()
    app = create_app(world, limits=RateLimits(manner="self-hosted"), faults=faults, sender=sender)
    with served(app) as url:
        world.base_url = url
        own = population.add_integration(world, "reader")
        token = population.add_token(world, "internal", own.scopes, integration=own)
        retries = RetryPolicy(patience=20.0, total=30.0)
        async with SentryConnection(
            organization="acme", token=token.secret, base_url=url, retries=retries
        ) as connection:
            sentry = Sentry(organization="acme", transport=connection)
            yield OutageWorld(client, sentry, world, chance, with_keys, lambda: fate(chance), clock, sender, faults)


async def cancel_after(task: "asyncio.Task[Any]", seconds: float) -> None:
    """End a sweep wherever it is, as the end of its process would."""
    await asyncio.wait({task}, timeout=seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
