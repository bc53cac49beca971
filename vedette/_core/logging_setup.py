"""One way of logging for all processes: an event per line, with the delivery bound to it.

JSON when standard error is not a terminal, so that one grep follows one delivery; readable lines when it is. The
standard library's records (uvicorn, dramatiq) take the same way. Nothing secret passes: values under telling names
are masked, and a traceback never shows variables.
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
_OF_SEVERAL_LINES = frozenset({"exception", "stack"})
_TELLING = frozenset(
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
_SELF_WILLED = ("uvicorn", "uvicorn.error", "uvicorn.access")
"""uvicorn's own command line gives its loggers handlers of their own."""
_NOISY = ("httpx2", "httpcore2", "asyncio", "uvicorn.access")


def configure_logging(*, level: int = logging.INFO, stream: TextIO | None = None, json: bool | None = None) -> None:
    """Set up logging for this process; to be called once, at its start.

    Args:
        level: The least level that is written.
        stream: Where lines go; standard error unless given.
        json: Whether lines are JSON; unless given, they are when standard error is not a terminal
            (asked of the descriptor: dramatiq puts a pipe of its own in `sys.stderr`'s place).
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
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(as_json=as_json)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _SELF_WILLED:
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    _set_up[:] = [_SetUp(level, stream, json, handler, processors)]


def restore_logging() -> None:
    """Set logging up again as it was, where something else in this process has replaced it meanwhile."""
    if _set_up and not _set_up[-1].is_in_force():
        configure_logging(level=_set_up[-1].level, stream=_set_up[-1].stream, json=_set_up[-1].json)
        structlog.get_logger().warning("a plugin has changed how this process logs; it logs as before")


@dataclass(frozen=True)
class _SetUp:
    """How logging was set up last."""

    level: int
    stream: TextIO | None
    json: bool | None
    handler: logging.Handler
    processors: Sequence[Processor]

    def is_in_force(self) -> bool:
        """Whether lines still go this way; handlers that were added do no harm."""
        root = logging.getLogger()
        is_ours = structlog.get_config()["processors"] is self.processors
        return is_ours and self.handler in root.handlers and root.level == self.level


_set_up: list[_SetUp] = []
"""How it was set up, at most once."""


def log_for_people() -> None:
    """Set up logging for a command that ends with a sentence of its own: errors alone, and never as JSON."""
    configure_logging(level=logging.ERROR, json=False)


def mask_secrets(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Mask what stands under a telling name, at any depth of mappings (a structlog processor)."""
    del logger, name
    return {key: _masked(key, value) for key, value in event.items()}


def make_inert(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Spell out, at any depth, what would have an effect where the line is shown (a structlog processor).

    A traceback keeps its line breaks, which are escaped in JSON and meant on a terminal.
    """
    del logger, name
    return {printable(key): _inert(value, multiline=key in _OF_SEVERAL_LINES) for key, value in event.items()}


def _inert(value: Any, *, multiline: bool = False) -> Any:
    if isinstance(value, str):
        return printable(value, multiline=multiline)
    if isinstance(value, dict):
        return {printable(str(key)): _inert(content) for key, content in mapping_of(value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_inert(each) for each in values_of(value)]
    return value if value is None or isinstance(value, bool | int | float) else printable(str(value))


def _drop_colours(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    # uvicorn adds its message a second time, for terminals.
    del logger, name
    event.pop("color_message", None)
    return event


def _masked(key: object, value: Any) -> Any:
    if isinstance(key, str) and key.lower() in _TELLING:
        return MASK
    if isinstance(value, dict):
        return {inner: _masked(inner, content) for inner, content in mapping_of(value).items()}
    return value


def _rendering(*, as_json: bool) -> list[Processor]:
    if as_json:
        shown = structlog.processors.JSONRenderer(serializer=_to_json)
        return [structlog.processors.format_exc_info, make_inert, shown]
    # The traceback is text by then, which the renderer writes below the line as it is.
    shown = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, pad_event_to=0)
    return [structlog.processors.format_exc_info, make_inert, shown]


def _to_json(event: Any, **options: Any) -> str:
    del options
    return msgspec.json.encode(event, enc_hook=str).decode()
