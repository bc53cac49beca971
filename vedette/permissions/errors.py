"""The error that a handler gets for a call it may not make."""
# named after what happened, as the client's other errors are

from dataclasses import dataclass

from vedette.api.call import Call
from vedette.api.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a call was not let out, and the line that would allow it."""

    reason: str
    """A clause without a full stop: `its grant does not hold event:write`."""
    remedy: str
    """What an operator or author writes to allow it."""


class AccessDenied(Forbidden):
    """A handler tried what it was not granted. Nothing was sent, and the attempt is in the audit.

    Attributes:
        handler: who tried.
        denial: why it was stopped, and what would allow it.
    """

    def __init__(self, call: Call, *, handler: str, denial: Denial) -> None:
        super().__init__(call)
        self.handler = handler
        self.denial = denial

    def __str__(self) -> str:
        return f"{self.handler} may not call {self.operation}: {self.denial.reason}. {self.advice}"

    @property
    def advice(self) -> str:
        """The line that would allow it."""
        return f"To allow it: {self.denial.remedy}"


class BudgetExhausted(AccessDenied):
    """A handler has written as often as it may, or all handlers together have to this issue."""
