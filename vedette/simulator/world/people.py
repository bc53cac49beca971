"""People of the simulated organization, their membership, and teams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True, eq=False)
class User:
    """A person with a Sentry account."""

    id: int
    name: str
    username: str
    email: str
    joined: datetime


@dataclass(slots=True, eq=False)
class Member:
    """A person's place in the organization; `id` is not the user's id, which is a common mix-up.

    `user` is None while an invitation is pending.
    """

    id: int
    email: str
    role: str
    created: datetime
    user: User | None = None
    inviter: str | None = None
    # Team slugs may change, so roles are kept by the team's id; None is the plain "contributor".
    team_roles: dict[int, str | None] = field(default_factory=dict[int, str | None])

    @property
    def pending(self) -> bool:
        """True if the invitation has not been accepted yet."""
        return self.user is None


@dataclass(slots=True, eq=False)
class Team:
    """A team; `id` is what `assignedTo: team:ID` wants."""

    id: int
    slug: str
    name: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Assignee:
    """A user or team an issue is assigned to."""

    subject: User | Team

    @property
    def type(self) -> str:
        """`user` or `team`."""
        return "user" if isinstance(self.subject, User) else "team"

    @property
    def name(self) -> str:
        """A person's name or a team's slug, as Sentry shows them."""
        return self.subject.name if isinstance(self.subject, User) else self.subject.slug
