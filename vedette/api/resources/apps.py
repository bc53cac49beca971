"""`sentry.apps`: custom integrations, their installations, and the log of Sentry's deliveries."""

from datetime import UTC, datetime, timedelta
from typing import Any

from vedette.api.change import Written
from vedette.api.issue_update import InvalidUpdateError
from vedette.api.models import App, ExternalIssue, Installation, RotatedSecret, WebhookRequest
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource, IssueReference
from vedette.api.resources.issue_reading import known, reference

_LOG_TIME = "%Y-%m-%d %H:%M:%S"
_LOG_AGE = timedelta(days=30)
"""The age of the oldest entry of Sentry's log."""


class Apps(ApiResource):
    """An integration is named by its slug. No integration can change itself: that takes a person's token."""

    async def list(self) -> "list[App]":
        """List the custom integrations of the organization."""
        return await self._core.read_list(App, self._core.call("apps.list"))

    async def get(self, app: str) -> App:
        """Read one custom integration."""
        return await self._core.read(App, self._core.call("apps.get", {"sentry_app_id_or_slug": app}))

    async def create(self, name: str, **fields: Any) -> Written[App]:
        """Create an internal integration of the organization; fields by Sentry's names (`scopes`, `webhookUrl`)."""
        body = {"name": name, "organization": self._core.organization, "isInternal": True, **fields}
        call = self._core.call("apps.create", body=body, intent=f"created custom integration {name}")
        return await self._core.write_object(App, call)

    async def update(self, app: str, **fields: Any) -> Written[App]:
        """Change a custom integration, by Sentry's names: `webhookUrl`, `events`, `scopes` and others."""
        intent = f"changed {', '.join(fields)} of custom integration {app}"
        call = self._core.call("apps.update", {"sentry_app_id_or_slug": app}, body=fields, intent=intent)
        return await self._core.write_object(App, call)

    async def delete(self, app: str) -> Written[None]:
        """Delete a custom integration and its tokens."""
        intent = f"deleted custom integration {app}"
        return await self._core.remove(self._core.call("apps.delete", {"sentry_app_id_or_slug": app}, intent=intent))

    async def rotate_secret(self, app: str) -> Written[RotatedSecret]:
        """Give an integration a new client secret; webhooks are signed with it at once."""
        intent = f"rotated the client secret of custom integration {app}"
        call = self._core.call("apps.rotate_secret", {"sentry_app_id_or_slug": app}, intent=intent)
        return await self._core.write_object(RotatedSecret, call)

    async def webhook_requests(
        self,
        app: str,
        *,
        event_type: str | None = None,
        errors_only: bool | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        organization: str | None = None,
    ) -> "list[WebhookRequest]":
        """Read the log of webhooks to an integration, with their answers: the newest 100, up to 30 days back.

        Args:
            app: Its slug.
            event_type: `issue.created` and so on.
            errors_only: Only failed requests.
            start: The earliest time, in UTC; 30 days ago unless given. It is always sent, since Sentry's own default is
                computed when its server starts, and ages with it.
            end: The latest time, in UTC.
            organization: Only the requests for this one, for a public integration. Sentry keeps none for internal
                integrations: the list would be empty.
        """
        begins = start or datetime.now(UTC) - _LOG_AGE
        query = {
            "eventType": event_type,
            "errorsOnly": errors_only,
            "organizationSlug": organization,
            "start": begins.strftime(_LOG_TIME),
            "end": end.strftime(_LOG_TIME) if end else None,
        }
        call = self._core.call("apps.webhook_requests", {"sentry_app_id_or_slug": app}, query=query)
        found = await self._core.read_list(WebhookRequest, call)
        # Older servers do not know the bounds and answer with all rows.
        return [one for one in found if one.is_between(start, end)]

    def installations(self) -> Pages[Installation]:
        """List the installations of custom integrations; their uuids are in every webhook."""
        return Pages(
            self._core, Installation, self._core.call("apps.installations"), seen_as=lambda data: data.get("uuid")
        )

    async def link_issue(
        self, installation: str, issue: IssueReference, *, url: str, project: str, identifier: str
    ) -> Written[ExternalIssue]:
        """Link an item of another system to an issue; a second call replaces the first link.

        Args:
            installation: Uuid of the integration's installation.
            issue: By its numeric id; Sentry takes no short id here.
            url: The address of the item.
            project: The project of the item; shown before the identifier.
            identifier: The name of the item.
        """
        number = reference(issue)
        if not number.isdigit():
            raise InvalidUpdateError(f"Linking needs the issue's numeric id, not {number!r}: read the issue first.")
        body = {"issueId": int(number), "webUrl": url, "project": project, "identifier": identifier}
        named = known(self._core, issue)
        call = self._core.call(
            "apps.link_issue",
            {"uuid": installation},
            body=body,
            intent=f"linked {project}#{identifier} to {named.label}",
            issue=number,
            project=named.project,
        )
        return await self._core.write_object(ExternalIssue, call)

    async def unlink_issue(self, installation: str, link: str) -> Written[None]:
        """Remove a link, by its id."""
        parameters = {"uuid": installation, "external_issue_id": link}
        return await self._core.remove(
            self._core.call("apps.unlink_issue", parameters, intent=f"removed the link {link} from its issue")
        )
