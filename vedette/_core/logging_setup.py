"""Configures logging for all processes: one event per line, with the delivery id.

Lines are JSON unless standard error is a terminal, so that one grep follows a delivery. Our own loggers write their
lines directly; records of the standard library (uvicorn, dramatiq) get the same fields and form. Values under keys such
as `token` are masked, and a traceback shows no variables.
"""

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from vedette._core.log_lines import LineLoggerFactory, add_name, make_safe, render_json

_STANDARD_ERROR = 2
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
    handler = logging.StreamHandler(target)
    added: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    shown: list[Processor] = [structlog.processors.format_exc_info, make_safe, _make_renderer(as_json=as_json)]
    processors: list[Processor] = [add_name, *added, *shown]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=LineLoggerFactory(handler, target),
        # A logger of a module follows each later configuration.
        cache_logger_on_first_use=False,
    )
    foreign: list[Processor] = [structlog.stdlib.add_logger_name, *added, structlog.stdlib.ExtraAdder(), _drop_colours]
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=foreign, processors=[meta, *shown, _without_line_feed])
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


def set_log_level(name: str) -> None:
    """Log from this level on: `debug`, `info`, `warning` or `error`; where the lines go stays as it was configured."""
    level = logging.getLevelNamesMapping()[name.upper()]
    if _set_up and _set_up[-1].level != level:
        configure_logging(level=level, stream=_set_up[-1].stream, json=_set_up[-1].json)


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


def _drop_colours(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    # uvicorn adds its message a second time, for terminals.
    del logger, name
    event.pop("color_message", None)
    return event


def _make_renderer(*, as_json: bool) -> Processor:
    if as_json:
        return render_json
    # The traceback is text at this point, which the renderer writes below the line unchanged.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, pad_event_to=0)

    def render(logger: WrappedLogger, name: str, event: EventDict) -> str:
        return f"{console(logger, name, event)}\n"

    return render


def _without_line_feed(logger: WrappedLogger, name: str, line: Any) -> str:
    """Return a line without its end, which a handler of the standard library adds itself."""
    del logger, name
    return str(line).removesuffix("\n")
