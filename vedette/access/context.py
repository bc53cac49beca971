"""Who calls, through what, and under whose eyes: what a gate is made of."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from vedette.access.issue_cache import IssueCache
from vedette.access.token_scopes import TokenScopes
from vedette.api import SentryConnection
from vedette.permissions.authorization import Access
from vedette.permissions.principal import Principal
from vedette.settings.access import AccessSettings
from vedette.settings.settings import Mode
from vedette.store.access.audit_log import Audit
from vedette.store.access.message_batches import MessageBatches
from vedette.store.access.own_writes import OwnWrites
from vedette.store.access.proposals import Proposals
from vedette.store.access.sent_messages import SentMessages
from vedette.store.access.write_budgets import WriteBudgets
from vedette.store.server.client import RedisClient

MODES: Final[tuple[Mode, ...]] = ("observe", "propose", "act")
"""From the most careful mode on."""


@dataclass(frozen=True)
class PolicyServices:
    """What stands over all writes, in Redis."""

    settings: AccessSettings
    audit: Audit
    budgets: WriteBudgets
    own_writes: OwnWrites
    proposals: Proposals
    sent_messages: SentMessages
    message_batches: MessageBatches


def make_policy_services(client: RedisClient, settings: AccessSettings) -> PolicyServices:
    """Put the services together."""
    return PolicyServices(
        settings,
        Audit(client, settings.audit_age),
        WriteBudgets(client),
        OwnWrites(client, settings.echo_window),
        Proposals(client, settings.proposal_age),
        SentMessages(client),
        MessageBatches(client),
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
    """Whether its token is a person's, so that its writes look like that person's."""
    tenant: str = ""
    """Whose ids of issues these are; see `vedette.settings.tenant`."""

    def scoped(self, issue: str) -> str:
        """An issue's id as it is told apart from the same id of another Sentry."""
        return f"{self.tenant}:{issue}"


@dataclass(frozen=True)
class CallContext:
    """On whose behalf a gate lets calls out."""

    access: Access
    source: str
    """The plugin and its version."""
    mode: Mode
    modes: Mapping[str, Mode] = field(default_factory=dict[str, Mode])
    """Pattern of a project's slug -> another mode there; the first that fits."""
    delivery: str = ""
    event: str = ""
    """Name of the event."""
    subject: str = ""
    """Id of the issue that the delivery has named."""
    order: str = ""
    """The person's order that a write follows, such as `approved by ann`; empty where a handler acts by itself."""
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Takes each write in plain English, for the run's summary."""

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
        modes: Pattern of a slug -> the mode there; the first that fits.
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
