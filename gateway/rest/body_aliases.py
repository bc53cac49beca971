"""Rewrites older names in updates of issues to those that Sentry documents.

sentry-cli sends `{"status": "muted", "snoozeDuration": null}` to archive an issue, Sentry's own MCP server puts
`ignoreDuration` beside the status; Sentry reads both like the documented form. A grant, the sentence for people and
undo know that form alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from vedette.permissions.authorization import ISSUE_UPDATES

_CONDITIONS: Final = frozenset(
    {"ignoreDuration", "ignoreCount", "ignoreWindow", "ignoreUserCount", "ignoreUserWindow", "snoozeDuration"}
)
_DETAIL_OF: Final = {"snoozeDuration": "ignoreDuration"}


def with_documented_names(operation: str, body: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the body of a call with documented names; bodies of other operations are returned unchanged."""
    if body is None or operation not in ISSUE_UPDATES or "status" not in body:
        return body
    conditions = {
        _DETAIL_OF.get(name, name): value for name, value in body.items() if name in _CONDITIONS and value is not None
    }
    renamed = {name: value for name, value in body.items() if name not in _CONDITIONS}
    if renamed["status"] == "muted":
        renamed["status"] = "ignored"
    # Sentry does not look at the others where there are details.
    if conditions and "statusDetails" not in renamed:
        renamed["statusDetails"] = conditions
    return renamed
