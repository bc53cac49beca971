"""Tells Sentry which error of ours answers its delivery, where the receiver itself reports to Sentry.

Sentry's request log links to the error whose id and project come back in `Sentry-Hook-Error` and `Sentry-Hook-Project`.
Nothing is installed for this: it works where the process has a `sentry_sdk` that is set up.

The loop this can make: our error makes an `error.created` webhook, whose failure makes our next error, for ever. So an
error is not reported while the refused delivery is about the very project we report to, nor twice within a minute.
"""

import sys
import time
from typing import Any

from receiver.endpoints.responses import Header

_INTERVAL = 60.0


class ErrorReporter:
    """Reports at most one error a minute."""

    def __init__(self) -> None:
        self._next = 0.0

    def report(self, error: Exception, project: str | None) -> tuple[Header, ...]:
        """Report `error` where that is possible, and return the headers that point to it.

        Args:
            error: Why a delivery was refused.
            project: The id of the Sentry project that the refused delivery is about; None when unknown.
        """
        sdk: Any = sys.modules.get("sentry_sdk")
        if sdk is None or not sdk.is_initialized():
            return ()
        own = _project_of(sdk)
        now = time.monotonic()
        if not own or own == project or now < self._next:
            return ()
        self._next = now + _INTERVAL
        event: object = sdk.capture_exception(error)
        if not isinstance(event, str):
            return ()
        return (b"sentry-hook-error", event.encode()), (b"sentry-hook-project", own.encode())


def _project_of(sdk: Any) -> str:
    # A DSN ends in the project's id: https://KEY@HOST/PATH/ID
    dsn = str(sdk.get_client().options.get("dsn") or "")
    project = dsn.rstrip("/").rpartition("/")[2]
    return project if project.isdigit() else ""
