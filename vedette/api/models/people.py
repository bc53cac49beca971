"""People, teams, and the assignees of issues."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from vedette.api.models._base import Date, Id, SentryModel


def _read_nobody(value: Any) -> Any:
    return None if value == {} else value


_Nobody = BeforeValidator(_read_nobody)


class Actor(SentryModel):
    """A user or a team, as the assignee of an issue."""

    type: str
    """`user` or `team`."""
    id: Id
    name: str = ""
    email: str | None = None

    @property
    def key(self) -> str:
        """`user:1` or `team:2`: how updates name it."""
        return f"{self.type}:{self.id}"


class User(SentryModel):
    """A person with an account. The id is the one for assigning; a member's id is another."""

    id: Id
    name: str = ""
    username: str = ""
    email: str | None = None

    @property
    def key(self) -> str:
        """`user:1`: how updates name it."""
        return f"user:{self.id}"


MaybeActor = Annotated[Actor | None, _Nobody]
MaybeUser = Annotated[User | None, _Nobody]
"""None also for the empty object that older servers send for no user."""


class Member(SentryModel):
    """A user's membership of the organization, or an invitation to it."""

    id: Id
    email: str = ""
    name: str = ""
    user: MaybeUser = None
    """None for an invitation that is not accepted yet."""
    org_role: str | None = None
    pending: bool = False
    expired: bool = False
    invite_status: str | None = None
    teams: list[str] = Field(default_factory=list[str])
    """Slugs; only on a single member."""
    date_created: Date = None


class Team(SentryModel):
    """A team of the organization."""

    id: Id
    slug: str
    name: str = ""
    member_count: int | None = None
    is_member: bool | None = None
    date_created: Date = None

    @property
    def key(self) -> str:
        """`team:2`: how updates name it."""
        return f"team:{self.id}"
