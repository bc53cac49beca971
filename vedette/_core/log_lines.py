"""Writes log lines of Vedette's own loggers, without the standard library's records in between.

A line costs a few microseconds, and took thirty as a record (docs/decisions/transport.md).
"""

from functools import lru_cache
from logging import Handler
from typing import Any, Final, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, WrappedLogger

from vedette._core.json_values import mapping_of, values_of
from vedette._core.printable import printable

MASK: Final = "***"
_MULTILINE: Final = frozenset({"exception", "stack"})
"""Fields that keep their line breaks: JSON escapes them, and a terminal shows a traceback unchanged."""
_SECRET_KEYS: Final = frozenset(
    {
        "authorization",
        "cookie",
        "set-cookie",
        "token",
        "secret",
        "client_secret",
        "password",
        "signature",
        "code",
        "dsn",
    }
)
_encoder: Final = msgspec.json.Encoder(enc_hook=str)


class LineLogger:
    """The end of a logger: writes each rendered line to the stream of the handler for foreign records.

    Attributes:
        name: The logger's name, for the field `logger`.
    """

    __slots__ = ("_handler", "_stream", "name")

    def __init__(self, name: str, handler: Handler, stream: TextIO) -> None:
        self.name = name
        self._handler = handler
        self._stream = stream

    def msg(self, line: str) -> None:
        """Write a line; a stream that is closed or broken is no error of the code that logs."""
        # The handler's lock, so that lines of both kinds stay whole; a forked process makes a new one.
        self._handler.acquire()
        try:
            self._stream.write(line)
            self._stream.flush()
        except (OSError, ValueError):
            pass
        finally:
            self._handler.release()

    debug = info = warning = warn = error = exception = critical = fatal = log = msg


class LineLoggerFactory:
    """Makes the ends of loggers, one for each name; without a name it is the calling module's."""

    def __init__(self, handler: Handler, stream: TextIO) -> None:
        self._handler = handler
        self._stream = stream
        self._known: dict[str, LineLogger] = {}
        self._named = structlog.stdlib.LoggerFactory(ignore_frame_names=[__name__])

    def __call__(self, *names: Any) -> LineLogger:
        """Return the end of the logger with a name."""
        name: str = names[0] if names and isinstance(names[0], str) else self._named(*names).name
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = LineLogger(name, self._handler, self._stream)
        return found


def add_name(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Add the logger's name (a structlog processor)."""
    del name
    event["logger"] = logger.name
    return event


def make_safe(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Mask values under the names of secrets, and escape control and invisible characters, at any depth.

    A structlog processor. A traceback keeps its line breaks.
    """
    del logger, name
    safe: EventDict = {}
    for given, value in event.items():
        key, is_secret = _read_key(given)
        if is_secret:
            safe[key] = MASK
        elif type(value) is str:
            safe[key] = (
                value if value.isascii() and value.isprintable() else printable(value, multiline=key in _MULTILINE)
            )
        else:
            safe[key] = value if type(value) is int else _make_safe(value)
    return safe


def render_json(logger: WrappedLogger, name: str, event: EventDict) -> str:
    """Return the event as a line of JSON (the last structlog processor)."""
    del logger, name
    return _encoder.encode(event).decode() + "\n"


@lru_cache(maxsize=1024)
def _read_key(key: str) -> tuple[str, bool]:
    """Return a key, escaped, and whether a secret is expected under it."""
    return printable(key), key.lower() in _SECRET_KEYS


def _make_safe(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        read = [(*_read_key(str(key)), content) for key, content in mapping_of(value).items()]
        return {key: MASK if is_secret else _make_safe(content) for key, is_secret, content in read}
    if isinstance(value, list | tuple | set | frozenset):
        return [_make_safe(each) for each in values_of(value)]
    return printable(str(value))
