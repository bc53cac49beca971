"""What there is to know about one operation of Sentry's Web API before it is called."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, Literal

from vedette.api import scopes as scope_rules

Method = Literal["GET", "POST", "PUT", "DELETE"]
Host = Literal["region", "control"]
Standing = Literal["public", "documented", "private", "experimental"]
Answers = Literal["object", "list", "nothing"]
PageSize = Literal["per_page", "limit"]

ROOT: Final = "/api/0/"
ORGANIZATION: Final = "/api/0/organizations/{organization_id_or_slug}/"
PROJECT: Final = "/api/0/projects/{organization_id_or_slug}/{project_id_or_slug}/"
TEAM: Final = "/api/0/teams/{organization_id_or_slug}/{team_id_or_slug}/"
ISSUE: Final = f"{ORGANIZATION}issues/{{issue_id}}/"
RELEASE: Final = f"{ORGANIZATION}releases/{{version}}/"


class TokenKind(StrEnum):
    """The kinds of credentials that Sentry accepts, told apart by their prefix where they have one."""

    INTEGRATION = "integration"
    """`sntryi_`: of an internal integration; acts as its proxy user, who is no member of the organization."""
    USER = "user"
    """`sntryu_`: of a person."""
    APP = "app"
    """`sntrya_`: of a public application or an OAuth grant; expires."""
    ORGANIZATION = "organization"
    """`sntrys_`: of an organization, for CI; holds `org:ci` and nothing else."""
    DSN = "dsn"
    """A project's client key."""
    UNKNOWN = "unknown"
    """From before tokens had prefixes: any kind."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that an operation has for itself, on sentry.io; others share their method's default."""

    requests: int
    per_seconds: int
    concurrent: int | None = None


@dataclass(frozen=True)
class Operation:
    """One line of the table: what is called, who may call it, and what to know when it fails."""

    name: str
    """`group.verb`, as in `sentry.issues.update`; the word that grants and the audit use too."""
    method: Method
    path: str
    """Template from `/api/0/` on, always with the trailing slash; the parameters are named as in Sentry's schema."""
    scopes: frozenset[str]
    """Any one of them passes Sentry's permission check. Empty: none is asked for."""
    summary: str
    answers: Answers = "object"
    paginated: bool = False
    page_size: PageSize | None = None
    """The query parameter that sets the size of a page, where there is one."""
    repeatable: bool = True
    """Whether sending it twice leaves Sentry as once would: such calls are retried when an answer is lost."""
    needs: frozenset[str] = frozenset()
    """What really makes the call succeed, where Sentry checks more, or less safely, than `scopes` says.

    Grants are checked against `required`, which falls back to `scopes`.
    """
    needs_person: bool = False
    """Only a person's token can do it: the proxy user of an integration is no member of the organization."""
    takes_dsn: bool = False
    """Whether a project's DSN is accepted as the credential."""
    older_path: str | None = None
    """Where older servers have it, which do not know `path`."""
    host: Host = "region"
    """On sentry.io some operations live on the main host alone; elsewhere there is one host."""
    deprecated: str | None = None
    """What to call instead, where Sentry wants it gone."""
    limit: Limit | None = None
    standing: Standing = "public"
    """`private` operations carry no promise of Sentry's to stay as they are."""
    note: str = ""
    """A trap, or what else a caller should know."""
    differs: str = ""
    """Why this line departs from Sentry's published schema, where it does."""

    @property
    def writes(self) -> bool:
        """Whether it changes something in Sentry."""
        return self.method != "GET"

    @property
    def group(self) -> str:
        """The part of the name before the dot: `issues`."""
        return self.name.partition(".")[0]

    @property
    def required(self) -> frozenset[str]:
        """Any one of these scopes makes the call succeed; what a grant has to hold."""
        return self.needs or self.scopes

    @property
    def scope_to_add(self) -> str | None:
        """The weakest scope that would do, for advice."""
        return scope_rules.least(self.required)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the path's parameters, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def bucket(self) -> str:
        """Which rate limit a call counts against: Sentry gives an operation its own only where it states one."""
        return f"{self.method} {self.path}" if self.limit else self.method

    def allowed_by(self, held: Collection[str]) -> bool:
        """Whether a token or grant with these scopes can do it."""
        return scope_rules.holds(held, self.required)

    def accepts(self, kind: TokenKind) -> bool:
        """Whether this kind of credential can do it at all, whatever scopes it holds."""
        if kind is TokenKind.DSN:
            return self.takes_dsn
        if kind is TokenKind.ORGANIZATION:
            return not self.needs_person and (not self.scopes or "org:ci" in self.scopes)
        return not (self.needs_person and kind is TokenKind.INTEGRATION)
