"""Defines the settings of access: a handler's grant, and the limits for all handlers.

Names are validated when the settings are read: a grant with a misspelt operation would allow nothing, and the error
would show only at the first call.
"""

from collections.abc import Collection
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from vedette._core.nearest_name import find_nearest_name
from vedette.settings.number_types import DAY, Age, Count, PositiveCount

Mode = Literal["observe", "propose", "act"]
"""The treatment of a principal's writes, the most careful first."""

ISSUE_FIELDS = (
    *("status", "substatus", "statusDetails", "assignedTo", "priority", "inbox"),
    *("hasSeen", "isBookmarked", "isSubscribed", "isPublic", "merge", "discard"),
)
"""The fields of an issue's update, as Sentry's API names them."""


class GrantSettings(BaseModel):
    """The permissions of one handler in Sentry, the table `[handlers.NAME.grant]`; all others are denied."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scopes: tuple[str, ...] = ()
    """Sentry's scopes, such as `event:write`; each includes the weaker ones."""
    projects: tuple[str, ...] = ("*",)
    """Slugs of projects; `*` matches any letters."""
    operations: tuple[str, ...] = ("*",)
    """Operations of the table in docs/api.md, such as `issues.update` or `issues.*`."""
    fields: tuple[str, ...] = ()
    """Fields that updates of issues may set, such as `assignedTo`; all that the client knows unless some are named."""
    channels: tuple[str, ...] = ()
    """Channels that it may send messages to, by their names in the settings; `*` matches any letters."""
    writes_per_hour: Count | None = None
    writes_per_issue_per_hour: Count | None = None

    @field_validator("scopes")
    @classmethod
    def _known_scopes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from vedette.api.scopes import HIERARCHY  # noqa: PLC0415 - the receiver reads settings and needs no API

        return check_known(value, HIERARCHY, "scope")

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return check_known(value, ISSUE_FIELDS, "field of an issue")

    @field_validator("operations")
    @classmethod
    def _known_operations(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value == ("*",):
            return value
        from vedette.api.operations import OPERATIONS  # noqa: PLC0415 - the same

        groups = {f"{operation.group}.*" for operation in OPERATIONS.values()}
        return check_known(value, {*OPERATIONS, *groups, "*"}, "operation")


class AccessSettings(BaseModel):
    """The limits for the writes of all handlers together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    writes_per_issue_per_hour: PositiveCount = 20
    """Changes of one issue by all handlers together in an hour; the limit ends loops of handlers."""
    echo_window: Age = 300.0
    """Seconds after an own write in which a delivery may be recognised as its echo."""
    proposal_age: Age = 3 * DAY
    """Seconds after which a proposal expires."""
    audit_age: Age = 365 * DAY
    """Seconds after which an entry of the audit is removed."""


def check_known(given: tuple[str, ...], known: Collection[str], what: str) -> tuple[str, ...]:
    """Return the names if all are known.

    Args:
        given: Names as they were written.
        known: The names that exist.
        what: The kind of name, for the error.

    Raises:
        ValueError: One is not; the error suggests the nearest.
    """
    for name in given:
        if name not in known:
            near = find_nearest_name(name, known)
            hint = f"did you mean {near}?" if near else f"write one such as {min(known)}"
            raise ValueError(f"there is no {what} {name}: {hint}")
    return given
