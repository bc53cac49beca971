"""Declares the services that actions use, as protocols: rules are executed with those that their handler has."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from vedette.notify.message import Message
from vedette.settings.settings import Mode


class CooldownStore(Protocol):
    """State of a handler that is shared by all its runs and processes."""

    async def claim(self, name: str, seconds: float) -> bool:
        """Claim a name for a time; return False where another delivery has claimed it."""
        ...

    async def turn(self, name: str, about: str) -> int:
        """Return the number of a thing under this name: each new thing gets the next one, and keeps it."""
        ...


class NotificationSender(Protocol):
    """Sends messages to channels."""

    def view(self, *, because: str, ceiling: Mode) -> "NotificationSender":
        """Return a sender with a reason for the audit and a mode that is not exceeded."""
        ...

    async def __call__(self, channel: str, message: Message) -> object:
        """Send a message, once for each delivery."""
        ...


RunDeferral = Callable[[str, str, Mapping[str, Any]], Awaitable[str]]
"""Defers a run of the handler on the same event: by a duration, under a name, with data."""
