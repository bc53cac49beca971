"""Defines the value that the layers of the gate pass on, and the protocol of a layer."""

from dataclasses import dataclass
from typing import Final, Protocol

from vedette.access.context import CallContext
from vedette.access.targets import CallTarget
from vedette.api.call import Answer, Call
from vedette.permissions.principal import Principal
from vedette.store.access.departures import Departure

UNRESOLVED: Final = CallTarget()
"""The target of a call before it is resolved."""
_NO_STEPS: Final = Departure()


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """A call on its path through the gate, with everything that the layers have found out about it."""

    call: Call
    context: CallContext
    target: CallTarget = UNRESOLVED
    reason: str = ""
    """The part of the principal that makes the call, such as `rule NAME`; empty if it names none."""
    decision: str = ""
    """The decision as the audit records it: `granted by ...`, `proposed`, `denied: ...`."""
    departure: Departure = _NO_STEPS
    """The steps that layers ask for, to be taken in Redis together right before a write is sent."""

    @property
    def principal(self) -> Principal:
        """The principal that makes the call."""
        return self.context.principal

    @property
    def issue_id(self) -> str:
        """The id of the issue that the call is about; empty for none or several."""
        return self.target.issues[0].id if len(self.target.issues) == 1 else ""

    @property
    def reason_suffix(self) -> str:
        """The reason in brackets, to append to a description; empty if there is none."""
        return f" ({self.reason})" if self.reason else ""


class Layer(Protocol):
    """One step of the gate: it answers a call itself, raises, or passes the call to the next layer."""

    async def send(self, call: PreparedCall) -> Answer:
        """Answer the call.

        Raises:
            AccessDenied: The principal may not make it.
            SentryError: Sentry refused it or failed.
            NotificationError: A channel refused the message or failed.
        """
        ...
