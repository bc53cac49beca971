"""Answers the page of an issue: what handlers, rules, agents and people did to it, and why."""

from typing import Final

from starlette.responses import Response

from console.web.delivery_rows import make_row
from console.web.effects import make_effect
from console.web.issue_history import make_history
from console.web.requests import ConsoleRequest, ConsoleRoute
from vedette.admin.explain import explain_issue

_SHOWN: Final = 50
_LONGEST: Final = 120


async def _show(request: ConsoleRequest) -> Response:
    name = request.parts["issue"][:_LONGEST]
    history = await explain_issue(request.admin, name, _SHOWN)
    effects = [make_effect(line) for line in history.calls]
    rows = [make_row(*found) for found in history.deliveries]
    newest = history.deliveries[0].delivery if history.deliveries else None
    return request.render(
        "issue.html",
        name=(newest.label if newest and newest.label else name),
        title=newest.title if newest else "",
        link=_link(request, newest.integration, newest.issue) if newest and newest.issue else "",
        events=make_history(rows, effects),
        undoable=[effect for effect in effects if effect.can_undo],
        proposals=history.proposals,
        words=f"vedette audit --issue {name}",
    )


def _link(request: ConsoleRequest, integration: str, issue: str) -> str:
    """Return the address of an issue in Sentry; empty where the settings do not say it."""
    found = request.services.settings.integrations.get(integration)
    if found is None or not issue.isdecimal():
        return ""
    organization = f"organizations/{found.organization}/" if found.organization else ""
    return f"{found.sentry_url}/{organization}issues/{issue}/"


ROUTES: Final = (ConsoleRoute("GET", "/issues/{issue:path}", _show),)
