"""Makes the templates' environment: every value is escaped, and shown without invisible and control characters."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from console.rendering.formatting import duration
from vedette._core.printable import cropped, printable

_FOLDER = Path(__file__).parent
_LONGEST = 200_000
"""Characters of one value on a page."""


def make_environment(prefix: Callable[[], str]) -> Environment:
    """Return the environment.

    Args:
        prefix: Returns the path that the console is below.
    """
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_show,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def url(path: str, **query: Any) -> str:
        words = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{prefix()}{path}{f'?{urlencode(words)}' if words else ''}"

    globals_: dict[str, Any] = environment.globals
    globals_ |= {"url": url, "prefix": prefix}
    filters: dict[str, Any] = environment.filters
    filters |= {"when": when, "took": _took, "cropped": cropped}
    return environment


def when(milliseconds: int | None) -> Markup:
    """Return a Unix time as a `time` element; pages show it in the reader's zone where scripts run, else in UTC."""
    if not milliseconds:
        return Markup("")
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"
    shown = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, stamp, shown)


def _took(milliseconds: int | None) -> str:
    return "" if milliseconds is None else duration(milliseconds)


def _show(value: Any) -> Any:
    """Return a value for display: texts may come from attackers, and from events of any size."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    return printable(cropped(str(value), _LONGEST), multiline=True) if isinstance(value, str) else value
