"""Guides: what says outside of a handler's code which events it wants, such as the rules files of the triage handler.

A guide is read again when what it reads from has changed, so that a handler that is told by files wants other events,
and needs other scopes, without a restart.
"""

from collections.abc import Callable, Collection
from typing import Any, Protocol, runtime_checkable

from vedette.authoring.cron import Cron


class LiveConfig(Protocol):
    """What a handler is told by."""

    @property
    def patterns(self) -> tuple[str, ...]:
        """The events that the handler wants, as for `@on`; none is nothing."""
        ...

    @property
    def crons(self) -> tuple[Cron, ...]:
        """When the handler runs by the clock, as for `@every`; none is never."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """The scopes of Sentry's that its calls need."""
        ...

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of updates that lose data, and that it needs beside the ordinary ones."""
        ...

    @property
    def summary(self) -> str:
        """What it says, for a listing: `one of 3 rules in triage.toml matches`."""
        ...

    @property
    def problem(self) -> str:
        """What is wrong with what it reads from, in one line; empty where nothing is."""
        ...

    def refresh(self) -> bool:
        """Read again what has changed; whether anything did. It may block, and is called in a thread."""
        ...


@runtime_checkable
class ListsChannels(Protocol):
    """A guide that names channels, and can tell which of them are not set."""

    def bind_channels(self, names: Collection[str], /) -> None:
        """Take in which channels are set; called once, before the guide is used."""
        ...


MakeGuide = Callable[[Any], LiveConfig]
"""Makes a guide of the handler's own settings."""
