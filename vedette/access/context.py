"""Defines the services, the connection and the context with which calls pass the gate."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from vedette.access.agents.project_listing import ProjectListing
from vedette.access.issue_cache import IssueCache
from vedette.access.token_breaker import TokenBreaker
from vedette.access.token_scopes import TokenScopes
from vedette.api import Call, SentryConnection
from vedette.permissions.authorization import Access
from vedette.permissions.principal import Principal
from vedette.settings.access import AccessSettings
from vedette.settings.settings import Mode
from vedette.store.access.audit_log import Audit
from vedette.store.access.departures import Departures
from vedette.store.access.message_batches import MessageBatches
from vedette.store.access.own_writes import OwnWrites
from vedette.store.access.proposals import Proposals
from vedette.store.access.sent_messages import SentMessages
from vedette.store.access.write_budgets import WriteBudgets
from vedette.store.agents.read_budgets import ReadBudgets
from vedette.store.agents.read_journal import ReadJournal
from vedette.store.agents.untrusted_reads import UntrustedReads
from vedette.store.server.client import RedisClient

MODES: Final[tuple[Mode, ...]] = ("observe", "propose", "act")
"""The modes, the most careful first."""


@dataclass(frozen=True)
class AgentStores:
    """The stores in Redis that are about agents alone."""

    untrusted_reads: UntrustedReads
    read_budgets: ReadBudgets
    journal: ReadJournal


@dataclass(frozen=True)
class PolicyServices:
    """The audit, the budgets and the other stores in Redis that govern writes."""

    settings: AccessSettings
    audit: Audit
    departures: Departures
    budgets: WriteBudgets
    own_writes: OwnWrites
    proposals: Proposals
    sent_messages: SentMessages
    message_batches: MessageBatches
    agents: AgentStores


def make_policy_services(client: RedisClient, settings: AccessSettings) -> PolicyServices:
    """Build the services on one Redis client."""
    audit = Audit(client, settings.audit_age)
    return PolicyServices(
        settings,
        audit,
        Departures(client, audit),
        WriteBudgets(client),
        OwnWrites(client, settings.echo_window),
        Proposals(client, settings.proposal_age),
        SentMessages(client),
        MessageBatches(client),
        AgentStores(UntrustedReads(client), ReadBudgets(client), ReadJournal(client, audit)),
    )


@dataclass(frozen=True)
class IntegrationConnection:
    """The connection of one integration to Sentry, behind the gate; shared by all runs of a process."""

    integration: str
    organization: str
    transport: SentryConnection = field(repr=False)
    token: TokenScopes = field(repr=False)
    issue_cache: IssueCache = field(repr=False)
    acts_as_person: bool = False
    """Return whether the token belongs to a person, so that Sentry attributes its writes to that person."""
    tenant: str = ""
    """The tenant of its issue ids; see `vedette.settings.tenant`."""
    breaker: TokenBreaker | None = field(default=None, repr=False)
    """The circuit breaker of its token; None outside workers."""
    projects: ProjectListing = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare the list of projects; nothing is sent yet."""
        object.__setattr__(self, "projects", ProjectListing(self.organization))

    def scoped(self, issue: str) -> str:
        """Return an issue's id with the tenant, by which it differs from the same id of another Sentry."""
        return f"{self.tenant}:{issue}"


@dataclass(frozen=True)
class CallContext:
    """The principal of some calls, its access, and the delivery that it handles."""

    access: Access
    source: str
    """The plugin and its version."""
    mode: Mode
    modes: Mapping[str, Mode] = field(default_factory=dict[str, Mode])
    """Pattern of a project's slug -> the mode in it; the first that matches counts."""
    delivery: str = ""
    event: str = ""
    """The name of the event."""
    subject: str = ""
    """The id of the issue that the delivery names."""
    order: str = ""
    """The order of a person that a write follows, such as `approved by ann`; empty for the principal's own writes."""
    untrusted: Mode = "act"
    """The boldest mode of writes after the principal has read text from events; for agents."""
    passes_on: bool = False
    """Return whether the principal takes answers as bytes, so that a large one is only read where the gate needs it."""
    before_send: Callable[[Call], Awaitable[None]] | None = field(default=None, repr=False)
    """Awaited right before each request leaves; it raises to stop the call."""
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Receives each write in plain English, for the summary of the run."""
    note_entry: Callable[[int], None] | None = field(default=None, repr=False)
    """Receives the number of each write's entry in the audit, for the log line at a run's end."""

    note_result: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Receives what became of each write: `acted`, or the decision by which it was denied or held back."""

    @property
    def principal(self) -> Principal:
        """The principal on behalf of which calls are made."""
        return self.access.principal

    def mode_in(self, projects: frozenset[str] | None, ceiling: Mode = "act") -> Mode:
        """Return the mode for a write to these projects, which is never bolder than the ceiling of the call."""
        return most_careful({mode_in(projects, self.mode, self.modes), ceiling})


def mode_in(projects: Collection[str] | None, mode: Mode, modes: Mapping[str, Mode]) -> Mode:
    """Return the most careful of the modes that apply to some projects.

    Args:
        projects: Slugs.
        mode: The mode of all other projects.
        modes: Pattern of a slug -> the mode in it; the first that matches counts.
    """
    return most_careful({_mode_of(slug, mode, modes) for slug in projects or ()} or {mode})


def most_careful(modes: Collection[Mode]) -> Mode:
    """Return the most careful of some modes."""
    return next(mode for mode in MODES if mode in modes)


def _mode_of(slug: str, mode: Mode, modes: Mapping[str, Mode]) -> Mode:
    for pattern, found in modes.items():
        if fnmatchcase(slug, pattern):
            return found
    return mode
