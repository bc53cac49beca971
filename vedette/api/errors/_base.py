"""The base of all errors of the client: the data of the failed call, and a text with the next step."""

from collections.abc import Mapping
from types import MappingProxyType

from vedette._core.user_error import UserError
from vedette.api.call import Call
from vedette.api.errors.error_detail import Detail

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class SentryError(UserError):
    """A call to Sentry that did not succeed.

    Attributes:
        call: the call that failed. Its query can hold personal data, so only the path is part of the text.
        status: HTTP status, None where no answer came.
        detail: the text of Sentry's answer, in one line, in whichever form it came.
        headers: of the answer, names in lower case.
    """

    def __init__(
        self,
        call: Call,
        *,
        status: int | None = None,
        detail: Detail | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        super().__init__(call, status, detail)
        self.call = call
        self.status = status
        self.detail = detail or Detail("")
        self.headers = headers

    @property
    def retryable(self) -> bool:
        """True if the same call can succeed later without a change by anyone."""
        return False

    @property
    def method(self) -> str:
        """HTTP method of the call."""
        return self.call.operation.method

    @property
    def path(self) -> str:
        """Path of the call, without its query."""
        return self.call.path

    @property
    def operation(self) -> str:
        """Name of the operation, as in the table: `issues.update`."""
        return self.call.operation.name

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of which the call needs one."""
        return self.call.operation.required

    @property
    def retry_after(self) -> float | None:
        """Seconds after which to try again, where Sentry said so."""
        return None

    @property
    def outcome_unknown(self) -> bool:
        """True if a write may have been done although no success was reported."""
        return False

    @property
    def happened(self) -> str:
        """The cause, as a clause without the full stop."""
        return f"Sentry answered {self.status}"

    @property
    def advice(self) -> str:
        """The next step, in one or two sentences."""
        return "Look at what Sentry said and correct the call."

    def __str__(self) -> str:
        said = f": {self.detail.text.rstrip('.')}" if self.detail.text else ""
        return f"{self.happened} to {self.method} {self.path} ({self.operation}){said}. {self.advice}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.method} {self.path} {self.status or 'no answer'}>"
