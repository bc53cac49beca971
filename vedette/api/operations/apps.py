"""Operations on custom integrations (Sentry's schema says sentry-apps), their installations and delivery log.

Making an integration's API token is left out: Sentry allows it from a browser session alone.
"""

from typing import Final

from vedette.api.operations._operation import ORGANIZATION, ROOT, Operation
from vedette.api.scopes import EVENT_ADMIN, EVENT_WRITE, ORG_ADMIN, ORG_READ, ORG_WRITE

_APP: Final = f"{ROOT}sentry-apps/{{sentry_app_id_or_slug}}/"
_LINKS: Final = f"{ROOT}sentry-app-installations/{{uuid}}/external-issues/"
_NOT_ITSELF: Final = "An integration cannot change itself: its proxy user is no member of the organization."

APPS: Final = (
    Operation(
        "apps.list",
        "GET",
        f"{ORGANIZATION}sentry-apps/",
        ORG_READ,
        "List the custom integrations of the organization",
        answers="list",
        host="control",
    ),
    Operation(
        "apps.get",
        "GET",
        _APP,
        ORG_READ | {"org:integrations"},
        "Read one custom integration",
        host="control",
        note="403 for an internal integration's own token.",
        differs="The schema lists what opens a published integration; these open an internal one.",
    ),
    Operation(
        "apps.update",
        "PUT",
        _APP,
        ORG_WRITE,
        "Change a custom integration",
        host="control",
        needs_person=True,
        note=_NOT_ITSELF,
    ),
    Operation(
        "apps.delete",
        "DELETE",
        _APP,
        ORG_ADMIN,
        "Delete a custom integration",
        answers="nothing",
        host="control",
        needs_person=True,
        note=_NOT_ITSELF,
    ),
    Operation(
        "apps.create",
        "POST",
        f"{ROOT}sentry-apps/",
        ORG_WRITE,
        "Create a custom integration",
        host="control",
        needs_person=True,
        repeatable=False,
        standing="private",
    ),
    Operation(
        "apps.rotate_secret",
        "POST",
        f"{_APP}rotate-secret/",
        ORG_WRITE,
        "Give a custom integration a new client secret",
        host="control",
        needs_person=True,
        repeatable=False,
        standing="private",
        note="Webhooks are signed with the new secret at once.",
    ),
    Operation(
        "apps.webhook_requests",
        "GET",
        f"{_APP}webhook-requests/",
        ORG_READ | {"org:integrations"},
        "Read the log of webhooks that Sentry sent for a custom integration",
        answers="list",
        older_path=f"{_APP}requests/",
        host="control",
        standing="experimental",
        note="At most the newest 100, over all kinds or of one. Since August 2026 `org:read` may not be enough.",
    ),
    Operation(
        "apps.installations",
        "GET",
        f"{ORGANIZATION}sentry-app-installations/",
        frozenset({"org:read", "org:integrations"}),
        "List the installations of custom integrations",
        answers="list",
        paginated=True,
        host="control",
        standing="documented",
        note="404 for an internal integration's own token.",
    ),
    Operation(
        "apps.link_issue",
        "POST",
        _LINKS,
        EVENT_WRITE | {"org:integrations"},
        "Link an item of one's own system to an issue",
        standing="documented",
        note="One link per integration and issue: a second call replaces the first.",
        differs="The schema's list is written by hand; the permission class accepts these.",
    ),
    Operation(
        "apps.unlink_issue",
        "DELETE",
        f"{_LINKS}{{external_issue_id}}/",
        EVENT_ADMIN,
        "Unlink an item of one's own system from an issue",
        answers="nothing",
        standing="documented",
    ),
)
