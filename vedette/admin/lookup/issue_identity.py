"""Finds an issue by its id or short id, in Sentry or among the deliveries that are kept."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from vedette._core.user_error import UserError
from vedette.access.context import CallContext
from vedette.access.gate import Gate, GateBuilder, sealed
from vedette.admin.connections import open_sentry, policy_services
from vedette.admin.deliveries import list_deliveries
from vedette.admin.filters import DeliveryFilter
from vedette.admin.session import AdminSession
from vedette.api import Sentry
from vedette.permissions.authorization import Access
from vedette.permissions.grants import Grant
from vedette.permissions.principal import Principal
from vedette.settings.settings import SettingsError

_SCOPES = ("event:read",)


class UnknownIssueError(UserError):
    """No delivery is about this issue, and there is no Sentry to ask."""

    exit_code = 2

    def __init__(self, issue: str) -> None:
        self.issue = issue
        super().__init__(
            f"no delivery is about {issue}, and Sentry cannot be asked without a token and an organization: "
            "`vedette deliveries` lists what is known"
        )


@dataclass(frozen=True)
class IssueIdentity:
    """The names by which an issue is known."""

    id: str
    short_id: str = ""
    title: str = ""
    project: str = ""
    """The slug of its project."""


async def find_issue(session: AdminSession, integration: str, issue: str) -> IssueIdentity:
    """Return an issue: from Sentry where that can be asked, else from the deliveries about it.

    Args:
        session: The caller.
        integration: The integration whose Sentry is asked.
        issue: Id or short id.

    Raises:
        SentryError: Sentry does not answer, or does not have it.
        UnknownIssueError: Sentry cannot be asked, and no delivery is about it.
    """
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(open_sentry(session, integration))
        except SettingsError:
            return await _from_deliveries(session, issue)
        access = Access(Principal("person", session.by), _SCOPES, Grant(_SCOPES))
        context = CallContext(access, "vedette trigger", "observe", order=f"look-up for {session.by}")
        chain = GateBuilder(policy_services(session), connection).sentry_chain()
        sentry = Sentry(organization=connection.organization, transport=sealed(Gate(chain, context)))
        found = await sentry.issues.get(issue)
        project = "" if found.project is None else found.project.slug or ""
        return IssueIdentity(found.id, found.short_id or "", found.title or "", project)


async def _from_deliveries(session: AdminSession, issue: str) -> IssueIdentity:
    rows = await list_deliveries(session, DeliveryFilter(issue=issue, limit=1))
    for delivery, _ in rows:
        if delivery.issue:
            return IssueIdentity(delivery.issue, delivery.label or "", delivery.title or "")
    raise UnknownIssueError(issue)
