"""Defines live configuration: subscriptions of a handler that are read from elsewhere and may change while it runs.

The rules files of the triage handler are one. A live configuration is reloaded when its source has changed, so the
handler receives other events, and needs other scopes, without a restart.
"""

from collections.abc import Callable, Collection
from typing import Any, Protocol, runtime_checkable

from vedette.authoring.cron import Cron


class LiveConfig(Protocol):
    """The subscriptions of a handler, as read from a source that may change."""

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns of events, as for `@on`; none is no event."""
        ...

    @property
    def crons(self) -> tuple[Cron, ...]:
        """The schedule, as for `@every`; none is never."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """The scopes of Sentry's API that its calls need."""
        ...

    @property
    def fields(self) -> tuple[str, ...]:
        """The destructive fields of updates that it needs besides the ordinary ones."""
        ...

    @property
    def summary(self) -> str:
        """A summary for listings: `one of 3 rules in triage.toml matches`."""
        ...

    @property
    def problem(self) -> str:
        """The problem of its source, in one line; empty without one."""
        ...

    def refresh(self) -> bool:
        """Reload after a change; return whether there was one. It may block, and is called in a thread."""
        ...


@runtime_checkable
class ListsChannels(Protocol):
    """A live configuration that names channels, and reports unknown ones."""

    def bind_channels(self, names: Collection[str], /) -> None:
        """Set the known channels; called once, before the live configuration is used."""
        ...


MakeLiveConfig = Callable[[Any], LiveConfig]
"""Makes a live configuration from the handler's own settings."""
