"""The simulated organization: everything it holds, and look-ups that stay quick with a hundred thousand issues.

It is pure state: no sockets, no tasks; clock and random source come from outside. Changes are written in `incidents`,
`transitions` and `comments`; this module only finds objects and emits webhooks.
"""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vedette.simulator.webhooks.webhook import Listener, Webhook
from vedette.simulator.world.id_parsing import as_id
from vedette.simulator.world.server_profile import SAAS, ServerProfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from vedette.simulator.world.actors import Actor
    from vedette.simulator.world.integrations import Integration, Token
    from vedette.simulator.world.issues import Event, Issue, StoredAttachment
    from vedette.simulator.world.monitors import JobMonitor, MetricRule, StoredDashboard, UrlMonitor
    from vedette.simulator.world.people import Member, Team, User
    from vedette.simulator.world.projects import Project, Release, Repository


FIRST_ID = 6941180000
"""Issues are numbered from here, unless something else is asked for: ids as large as real ones."""


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


class World:
    """One organization and all it holds.

    Args:
        organization: its slug.
        clock: the source of the time; tests and backtests give their own.
        seed: makes ids, uuids and choices repeatable.
        base_url: its own address in answers, for absolute URLs.
        profile: the kind of server that it simulates.
        first_id: the id before that of the first issue; another one gives new ids to the same story.
    """

    def __init__(
        self,
        organization: str = "harbour-shop",
        *,
        clock: Callable[[], datetime] = now,
        seed: int = 0,
        base_url: str = "http://127.0.0.1:9000",
        profile: ServerProfile = SAAS,
        first_id: int = FIRST_ID,
    ) -> None:
        self.profile = profile
        self.organization_slug = organization
        self.organization_id = 4508811229000001
        self.organization_name = organization.replace("-", " ").title()
        # Settings that PUT has changed and nothing here reads, given back as they came.
        self.organization_settings: dict[str, Any] = {}
        self.base_url = base_url.rstrip("/")
        self.clock = clock
        self.created = clock()
        # The numbers need to be repeatable, not secret.
        self.random = random.Random(seed)  # noqa: S311
        # Ids come from a source of their own: other ids must not change what happens.
        self._id_source = self.random if first_id == FIRST_ID else random.Random(f"{seed} {first_id}")  # noqa: S311
        self.users: dict[int, User] = {}
        self.user_by_name: dict[str, User] = {}
        self.members: dict[int, Member] = {}
        self.teams: dict[int, Team] = {}
        self.team_by_slug: dict[str, Team] = {}
        self.projects: dict[int, Project] = {}
        self.project_by_slug: dict[str, Project] = {}
        self.renamed_projects: dict[str, str] = {}
        self.releases: dict[str, Release] = {}
        self.repositories: dict[int, Repository] = {}
        self.integrations: dict[str, Integration] = {}
        self.tokens: dict[str, Token] = {}
        self.issues: dict[int, Issue] = {}
        self.issue_by_short_id: dict[str, Issue] = {}
        self.issue_by_grouping: dict[tuple[int, str], Issue] = {}
        self.merged_into: dict[int, int] = {}
        self.discarded: set[tuple[int, str]] = set()
        self.events: dict[str, Event] = {}
        # By the id of the event: most have none.
        self.attachments: dict[str, list[StoredAttachment]] = {}
        self.monitors: dict[str, JobMonitor] = {}
        self.url_monitors: dict[int, UrlMonitor] = {}
        self.dashboards: dict[int, StoredDashboard] = {}
        self.metric_rules: dict[int, MetricRule] = {}
        self.workflows: dict[int, dict[str, Any]] = {}
        # By the id of the workflow, the oldest first.
        self.firings: dict[int, list[tuple[datetime, Event]]] = {}
        self.detectors: dict[int, dict[str, Any]] = {}
        self.listeners: list[Listener] = []
        # Counts changes, so that a search over an unchanged world can be answered from memory.
        self.revision = 0
        # (query, sort, projects) -> (state of the world, result).
        self.searches: dict[Any, tuple[Any, list[Issue]]] = {}
        self._next_ids: dict[str, int] = {"issue": first_id, "project": 4508811229167616, "user": 2718200}

    def next_id(self, kind: str) -> int:
        """Return a fresh id for `kind`; ids of issues and projects are as large as real ones."""
        self._next_ids[kind] = self._next_ids.get(kind, 1000) + 1
        return self._next_ids[kind]

    def hex_id(self) -> str:
        """Return 32 hex digits, the form of event ids."""
        return f"{self._id_source.getrandbits(128):032x}"

    def uuid(self) -> str:
        """Return a uuid with dashes, the form of installation ids."""
        return str(uuid.UUID(int=self._id_source.getrandbits(128), version=4))

    def emit(self, resource: str, action: str, data: Callable[[], dict[str, Any]], actor: Actor, subject: str) -> None:
        """Notify every listener; the payload is only built if there is one."""
        if self.listeners:
            webhook = Webhook(resource, action, data(), actor, subject)
            for listener in tuple(self.listeners):
                listener(webhook)

    def find_issue(self, text: str) -> Issue | None:
        """Return the issue by numeric id (following a merge) or short id; None when there is none or it was deleted."""
        number = as_id(text)
        if number is None:
            return self.issue_by_short_id.get(text.upper())
        while number in self.merged_into:
            number = self.merged_into[number]
        return self.issues.get(number)

    def find_project(self, text: str) -> Project | None:
        """Return the project by id (all digits) or slug."""
        number = as_id(text)
        return self.project_by_slug.get(text) if number is None else self.projects.get(number)

    def find_team(self, text: str) -> Team | None:
        """Return the team by id (all digits) or slug."""
        number = as_id(text)
        return self.team_by_slug.get(text) if number is None else self.teams.get(number)

    def member_of(self, user: User) -> Member | None:
        """Return the user's membership."""
        return next((member for member in self.members.values() if member.user is user), None)

    def team_members(self, team: Team) -> list[Member]:
        """Return who is in the team, without pending invitations."""
        return [m for m in self.members.values() if m.user is not None and team.id in m.team_roles]
