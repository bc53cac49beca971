"""`error` webhooks: one for every stored error event, on the plans that have them."""

from dataclasses import dataclass

from vedette.events.payload.fields import Payload
from vedette.events.payload.stored_event import AboutStoredEvent, StoredEvent


class ErrorData(Payload):
    """Content of an `error` webhook."""

    error: StoredEvent


@dataclass(frozen=True, kw_only=True, repr=False)
class ErrorEvent(AboutStoredEvent):
    """An error was stored. Messages without an exception (`captureMessage`) never arrive as this."""

    data: ErrorData

    @property
    def error(self) -> StoredEvent:
        """The stored event."""
        return self.data.error

    @property
    def stored_event(self) -> StoredEvent:
        """The same as `error`."""
        return self.data.error
