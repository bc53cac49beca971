"""Configures logging for all processes: one event per line, with the delivery id.

Lines are JSON unless standard error is a terminal, so that one grep follows a delivery. Records of the standard library
(uvicorn, dramatiq) use the same configuration. Values under keys such as `token` are masked, and a traceback shows no
variables.
"""

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from vedette._core.json_values import mapping_of, values_of
from vedette._core.printable import printable

MASK = "***"
_STANDARD_ERROR = 2
_MULTILINE = frozenset({"exception", "stack"})
_SECRET_KEYS = frozenset(
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
_SELF_CONFIGURED = ("uvicorn", "uvicorn.error", "uvicorn.access")
"""Loggers to which uvicorn's command line adds handlers."""
_NOISY = ("httpx2", "httpcore2", "asyncio", "uvicorn.access")


def configure_logging(*, level: int = logging.INFO, stream: TextIO | None = None, json: bool | None = None) -> None:
    """Configure logging for this process; called once, at its start.

    Args:
        level: The lowest level that is logged.
        stream: The stream of the lines; standard error unless given.
        json: Whether lines are JSON; unless given, they are when standard error is not a terminal (checked by its
            descriptor, since dramatiq replaces `sys.stderr` by a pipe).
    """
    target = sys.stderr if stream is None else stream
    as_json = not os.isatty(_STANDARD_ERROR) if json is None else json
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _drop_colours,
        mask_secrets,
    ]
    processors: list[Processor] = [
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        *shared,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ]
    structlog.configure(
        processors=processors,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_make_renderers(as_json=as_json)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _SELF_CONFIGURED:
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    _set_up[:] = [_LoggingSetup(level, stream, json, handler, processors)]


def restore_logging() -> None:
    """Restore the configuration where other code in this process has replaced it."""
    if _set_up and not _set_up[-1].is_active():
        configure_logging(level=_set_up[-1].level, stream=_set_up[-1].stream, json=_set_up[-1].json)
        structlog.get_logger().warning("a plugin changed the logging configuration, which was restored")


@dataclass(frozen=True)
class _LoggingSetup:
    """The last configuration of logging."""

    level: int
    stream: TextIO | None
    json: bool | None
    handler: logging.Handler
    processors: Sequence[Processor]

    def is_active(self) -> bool:
        """Return whether the configuration is in effect; additional handlers are allowed."""
        root = logging.getLogger()
        is_ours = structlog.get_config()["processors"] is self.processors
        return is_ours and self.handler in root.handlers and root.level == self.level


_set_up: list[_LoggingSetup] = []
"""The last configuration; at most one."""


def configure_command_logging() -> None:
    """Configure logging for a command with messages of its own: errors only, never as JSON."""
    configure_logging(level=logging.ERROR, json=False)


def mask_secrets(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Mask values under the names of secrets, at any depth of mappings (a structlog processor)."""
    del logger, name
    return {key: _mask_value(key, value) for key, value in event.items()}


def escape_event(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Escape control and invisible characters, at any depth (a structlog processor).

    A traceback keeps its line breaks, which JSON escapes and a terminal shows.
    """
    del logger, name
    return {printable(key): _escape_value(value, multiline=key in _MULTILINE) for key, value in event.items()}


def _escape_value(value: Any, *, multiline: bool = False) -> Any:
    if isinstance(value, str):
        return printable(value, multiline=multiline)
    if isinstance(value, dict):
        return {printable(str(key)): _escape_value(content) for key, content in mapping_of(value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_escape_value(each) for each in values_of(value)]
    return value if value is None or isinstance(value, bool | int | float) else printable(str(value))


def _drop_colours(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    # uvicorn adds its message a second time, for terminals.
    del logger, name
    event.pop("color_message", None)
    return event


def _mask_value(key: object, value: Any) -> Any:
    if isinstance(key, str) and key.lower() in _SECRET_KEYS:
        return MASK
    if isinstance(value, dict):
        return {inner: _mask_value(inner, content) for inner, content in mapping_of(value).items()}
    return value


def _make_renderers(*, as_json: bool) -> list[Processor]:
    if as_json:
        shown = structlog.processors.JSONRenderer(serializer=_to_json)
        return [structlog.processors.format_exc_info, escape_event, shown]
    # The traceback is text at this point, which the renderer writes below the line unchanged.
    shown = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, pad_event_to=0)
    return [structlog.processors.format_exc_info, escape_event, shown]


def _to_json(event: Any, **options: Any) -> str:
    del options
    return msgspec.json.encode(event, enc_hook=str).decode()
