"""Stores the form of the errors of the command that runs: sentences, or JSON objects as its output is."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar


class ErrorFormat:
    """The form of the errors of the command that runs: sentences, or JSON objects."""

    def __init__(self) -> None:
        self._is_json = ContextVar("is_json", default=False)

    @property
    def is_json(self) -> bool:
        """Return whether errors are written as JSON."""
        return self._is_json.get()

    @contextmanager
    def set_to(self, is_json: bool) -> Generator[None]:
        """Let errors in the block have a form; a command inside another keeps the outer one's JSON."""
        token = self._is_json.set(is_json or self.is_json)
        try:
            yield
        finally:
            self._is_json.reset(token)


ERRORS_AS_JSON = ErrorFormat()
