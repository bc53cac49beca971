"""Gives the client its logger: structlog's where the program has set structlog up, the standard library's elsewhere.

Left to itself structlog prints every line to standard output, where a program that only uses the client writes its own.
"""

import logging
from collections.abc import MutableMapping
from typing import Any, Final, cast

import structlog

_NAME: Final = "vedette.api"


def client_log() -> structlog.stdlib.BoundLogger:
    """Return the logger of `vedette.api`; to be asked for when something is said, not before."""
    if structlog.is_configured():
        return structlog.stdlib.get_logger(_NAME)
    return cast("structlog.stdlib.BoundLogger", _standard)


def _as_record(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    words = [f"{name}={value}" for name, value in event.items() if name != "event" and value is not None]
    return " ".join([str(event.get("event", "")), *words])


_standard: Final = structlog.wrap_logger(
    logging.getLogger(_NAME),
    processors=[structlog.stdlib.filter_by_level, _as_record],
    wrapper_class=structlog.stdlib.BoundLogger,
    context_class=dict,
)
