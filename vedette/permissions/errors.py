"""The error that a handler gets for a call it may not make."""
# named after what happened, as the client's other errors are

from dataclasses import dataclass

from vedette.api.call import Call
from vedette.api.errors import Forbidden
from vedette.permissions.principal import Principal


@dataclass(frozen=True, slots=True)
class Denial:
    """The reason why a call was denied, and the line that would allow it."""

    reason: str
    """A clause without a full stop: `its grant does not hold event:write`."""
    remedy: str
    """The text that an operator or author writes to allow it."""
    recorded: str = ""
    """The reason for the audit, where it names what the principal may not know; empty if it is the same."""

    @property
    def recorded_reason(self) -> str:
        """The reason as the audit has it."""
        return self.recorded or self.reason


class AccessDenied(Forbidden):
    """A principal made a call that is not granted. Nothing was sent, and the attempt is in the audit.

    Attributes:
        handler: The key of the principal, which is the name of the handler.
        denial: The reason, and the remedy.
    """

    def __init__(self, call: Call, *, handler: str, denial: Denial) -> None:
        super().__init__(call)
        self.handler = handler
        self.denial = denial

    def __str__(self) -> str:
        principal = Principal.from_key(self.handler).label
        return f"{principal} may not call {self.operation}: {self.denial.reason}. {self.advice}"

    @property
    def advice(self) -> str:
        """The line that would allow it."""
        return f"To allow it: {self.denial.remedy}"


class BudgetExhausted(AccessDenied):
    """A handler has written as often as it may, or all handlers together have to this issue."""
