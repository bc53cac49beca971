"""What an operator allows handlers: grants, and the bounds that hold for all of them.

Names are checked when the settings are read, because a grant with a misspelt operation would allow nothing and say so
only on the night it was needed.
"""

from collections.abc import Collection

from pydantic import BaseModel, ConfigDict, field_validator

from vedette._core.nearest_name import nearest_name
from vedette.settings.number_types import DAY, Age, Count, PositiveCount

ISSUE_FIELDS = (
    *("status", "substatus", "statusDetails", "assignedTo", "priority", "inbox"),
    *("hasSeen", "isBookmarked", "isSubscribed", "isPublic", "merge", "discard"),
)
"""The fields of an issue's update, in Sentry's words."""


class GrantSettings(BaseModel):
    """What one handler may do in Sentry, as `[handlers.NAME.grant]` says it. What is not named is not allowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scopes: tuple[str, ...] = ()
    """Sentry's scopes, such as `event:write`; each holds the weaker ones."""
    projects: tuple[str, ...] = ("*",)
    """Slugs of projects; `*` stands for any letters."""
    operations: tuple[str, ...] = ("*",)
    """Operations of the table in docs/api.md, such as `issues.update` or `issues.*`."""
    fields: tuple[str, ...] = ()
    """Fields that updates of issues may set, such as `assignedTo`; none named means all that the client knows."""
    channels: tuple[str, ...] = ()
    """Channels that it may send messages to, by their names in the settings; `*` stands for any letters."""
    writes_per_hour: Count | None = None
    writes_per_issue_per_hour: Count | None = None

    @field_validator("scopes")
    @classmethod
    def _known_scopes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from vedette.api.scopes import HIERARCHY  # noqa: PLC0415 - the receiver reads settings and needs no API

        return _known(value, HIERARCHY, "scope")

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _known(value, ISSUE_FIELDS, "field of an issue")

    @field_validator("operations")
    @classmethod
    def _known_operations(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value == ("*",):
            return value
        from vedette.api.operations import OPERATIONS  # noqa: PLC0415 - the same

        groups = {f"{operation.group}.*" for operation in OPERATIONS.values()}
        return _known(value, {*OPERATIONS, *groups, "*"}, "operation")


class AccessSettings(BaseModel):
    """What holds for the writes of all handlers together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    writes_per_issue_per_hour: PositiveCount = 20
    """How often all handlers together may change one issue in an hour; it ends what runs in circles."""
    echo_window: Age = 300.0
    """How long after a write of ours a delivery may be recognised as its echo, in seconds."""
    proposal_age: Age = 3 * DAY
    """How long a proposed write waits for a person, in seconds."""
    audit_age: Age = 365 * DAY
    """The age at which an entry of the audit goes, in seconds."""


def _known(given: tuple[str, ...], known: Collection[str], what: str) -> tuple[str, ...]:
    for name in given:
        if name not in known:
            near = nearest_name(name, known)
            hint = f"did you mean {near}?" if near else f"write one such as {min(known)}"
            raise ValueError(f"there is no {what} {name}: {hint}")
    return given
