"""Reports errors of the receiver to Sentry and links them in the response, where `sentry_sdk` is initialized.

Sentry's request log links to the error that the headers `Sentry-Hook-Error` and `Sentry-Hook-Project` name.

An error of the receiver causes an `error.created` webhook, and its failure the next error: an endless loop. So no error
is reported for a delivery of the project that the receiver reports to, nor twice within a minute.
"""

import sys
import time
from typing import Any

from receiver.endpoints.responses import Header

_INTERVAL = 60.0


class ErrorReporter:
    """A reporter that sends at most one error a minute."""

    def __init__(self) -> None:
        self._next = 0.0

    def report(self, error: Exception, project: str | None) -> tuple[Header, ...]:
        """Report an error where that is possible, and return the headers that refer to it.

        Args:
            error: The reason for which a delivery was rejected.
            project: The id of the Sentry project of the delivery; None when unknown.
        """
        sdk: Any = sys.modules.get("sentry_sdk")
        if sdk is None or not sdk.is_initialized():
            return ()
        own = _find_own_project(sdk)
        now = time.monotonic()
        if not own or own == project or now < self._next:
            return ()
        self._next = now + _INTERVAL
        event: object = sdk.capture_exception(error)
        if not isinstance(event, str):
            return ()
        return (b"sentry-hook-error", event.encode()), (b"sentry-hook-project", own.encode())


def _find_own_project(sdk: Any) -> str:
    # A DSN ends in the project's id: https://KEY@HOST/PATH/ID
    dsn = str(sdk.get_client().options.get("dsn") or "")
    project = dsn.rstrip("/").rpartition("/")[2]
    return project if project.isdigit() else ""
