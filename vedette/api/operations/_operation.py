"""The description of one operation of Sentry's Web API."""

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
Answers = Literal["object", "list", "nothing", "bytes"]
"""The form of a successful answer; `bytes` is a file, which is not read as JSON."""
PageSize = Literal["per_page", "limit"]

ROOT: Final = "/api/0/"
ORGANIZATION: Final = "/api/0/organizations/{organization_id_or_slug}/"
PROJECT: Final = "/api/0/projects/{organization_id_or_slug}/{project_id_or_slug}/"
TEAM: Final = "/api/0/teams/{organization_id_or_slug}/{team_id_or_slug}/"
ISSUE: Final = f"{ORGANIZATION}issues/{{issue_id}}/"
RELEASE: Final = f"{ORGANIZATION}releases/{{version}}/"


class TokenKind(StrEnum):
    """The kinds of credentials that Sentry accepts, recognised by their prefix if they have one."""

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
    """One row of the table: the request, the scopes that it needs, and advice for failures."""

    name: str
    """`group.verb`, as in `sentry.issues.update`; the name that grants and the audit use too."""
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
    """True if it is idempotent: such calls are retried when an answer is lost."""
    needs: frozenset[str] = frozenset()
    """The scopes that really make the call succeed, if Sentry checks more, or less safely, than `scopes` says.

    Grants are checked against `required`, which is `needs`, or `scopes` if that is empty.
    """
    needs_person: bool = False
    """Only a person's token can do it: the proxy user of an integration is no member of the organization."""
    takes_dsn: bool = False
    """True if a project's DSN is accepted as the credential."""
    older_path: str | None = None
    """The path on older servers, which do not know `path`."""
    host: Host = "region"
    """On sentry.io some operations live on the main host alone; elsewhere there is one host."""
    deprecated: str | None = None
    """The replacement, if Sentry has deprecated it."""
    limit: Limit | None = None
    standing: Standing = "public"
    """Sentry may change `private` operations without notice."""
    note: str = ""
    """A trap, or another hint for callers."""
    verdict: str = ""
    """A field that makes a 400 an answer and no error: it says whether the object that was asked about is right."""
    differs: str = ""
    """The reason for which this row departs from Sentry's published schema, if it does."""

    @property
    def writes(self) -> bool:
        """True if it changes something in Sentry."""
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
        """The rate limit that a call counts against: its own if Sentry states one, else its method's."""
        return f"{self.method} {self.path}" if self.limit else self.method

    def allowed_by(self, held: Collection[str]) -> bool:
        """Return whether a token or grant with these scopes can do it."""
        return scope_rules.holds(held, self.required)

    def accepts(self, kind: TokenKind) -> bool:
        """Return whether this kind of credential can do it at all, with any scopes."""
        if kind is TokenKind.DSN:
            return self.takes_dsn
        if kind is TokenKind.ORGANIZATION:
            return not self.needs_person and (not self.scopes or "org:ci" in self.scopes)
        return not (self.needs_person and kind is TokenKind.INTEGRATION)
