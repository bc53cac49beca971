"""Renders texts with fields of the issue, such as `{{ issue.title }}`, in a restricted form of Jinja's sandbox.

A template is checked when the rules are read: it can use plain values by name, tests and filters. There are no loops,
calls, macros, imports or products, so that its time and its output are bounded by its length.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from jinja2 import ChainableUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vedette._core.json_values import json_object, mapping_of
from vedette._core.markdown import (
    WebAddress,
    mark_value,
    render_address,
    render_markdown,
    render_plain_text,
    strip_marks,
)
from vedette._core.nearest_name import did_you_mean
from vedette._core.printable import error_text, printable

LONGEST: Final = 4_000
"""Characters of a template, and of the rendered text."""
_LONGEST_VALUE: Final = 500
_READ: Final = 20 * _LONGEST_VALUE
"""Characters of a value that are read."""
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "issue": (
        *("id", "short_id", "title", "culprit", "level", "status", "substatus", "priority", "platform", "url"),
        *("project", "assignee", "events", "users", "first_seen", "last_seen"),
    ),
    "event": ("name", "title", "level", "release", "environment", "url", "actor", "tags"),
    "rule": ("name",),
}
"""Fields of each name, written with a dot; `event.tags` has any tag."""
FILTERS: Final = ("default", "lower", "upper", "title", "capitalize", "trim", "truncate", "first", "last", "length")
_REFUSED: Final = (
    *(nodes.For, nodes.Call, nodes.CallBlock, nodes.Macro, nodes.Import, nodes.FromImport, nodes.Include),
    *(nodes.Extends, nodes.Block, nodes.Mul, nodes.Pow, nodes.Mod, nodes.FilterBlock, nodes.Assign, nodes.AssignBlock),
    *(nodes.With, nodes.List, nodes.Dict),
)

_UNREADABLE: Final = (TemplateError, RecursionError, SyntaxError, MemoryError, ArithmeticError, ValueError)
"""Errors that Jinja raises for an invalid template, and Python for the code that Jinja generates."""
Form = Literal["plain", "markdown"]
"""Plain text, or Markdown in which values have no effect."""


class UnusableTemplateError(ValueError):
    """A template that cannot be used; the text says what is expected."""


class _Restricted(ImmutableSandboxedEnvironment):
    """An environment in which names give plain values only, never an attribute or method of Python."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the value of a key."""
        found = json_object(obj).get(attribute)
        return self.undefined(name=attribute) if found is None else found

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return the value of a key in brackets."""
        return self.getattr(obj, str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        """Return False: nothing can be called."""
        del obj
        return False


class TextTemplate:
    """A checked template."""

    def __init__(self, source: str) -> None:
        """Check and compile a template.

        Raises:
            UnusableTemplateError: It cannot be used.
        """
        if len(source) > LONGEST:
            raise UnusableTemplateError(f"{LONGEST} characters at most")
        source = strip_marks(source)
        # Each value is marked; how it is escaped depends on the form of the text.
        environment = _Restricted(undefined=ChainableUndefined, autoescape=False, finalize=mark_value)
        environment.globals.clear()
        environment.filters = {name: environment.filters[name] for name in FILTERS}
        try:
            _check(environment.parse(source))
            self._template = environment.from_string(source)
        except UnusableTemplateError:
            raise
        except _UNREADABLE as error:
            found = "one that is not nested so deep" if isinstance(error, RecursionError | MemoryError) else error
            raise UnusableTemplateError(f"a template such as `{{{{ issue.title }}}}`; {found}") from None
        self.source = source

    def render(self, values: Mapping[str, Any], form: Form = "plain") -> str:
        """Render the text with these values, cropped if it is too long.

        Args:
            values: The fields that the template can use.
            form: The form of the text; the author's own part of it is unchanged.
        """
        text = self._rendered(values)
        if form == "markdown":
            return render_markdown(text, longest=LONGEST)
        text = render_plain_text(text)
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

    def render_address(self, values: Mapping[str, Any]) -> WebAddress | None:
        """Render an address; None for one without http or https."""
        return render_address(self._rendered(values)[:LONGEST])

    def _rendered(self, values: Mapping[str, Any]) -> str:
        try:
            return self._template.render({name: _plain(values.get(name)) for name in FIELDS})
        except Exception as error:  # noqa: BLE001 - an author's template on values from outside: the run gets a text in any case
            return f"{self.source} {mark_value(f'({error_text(error)})')}"


def _check(tree: nodes.Template) -> None:
    for node in tree.find_all(_REFUSED):
        kind = type(node).__name__.lower()
        raise UnusableTemplateError(f"a template without {kind}: use values, `if` and filters")
    for node in tree.find_all(nodes.Name):
        if node.name not in FIELDS:
            raise UnusableTemplateError(
                f"one of {', '.join(FIELDS)} instead of {node.name}{did_you_mean(node.name, FIELDS)}"
            )
    for root, field in _fields_of(tree):
        if field not in FIELDS[root]:
            fields = ", ".join(f"{root}.{each}" for each in FIELDS[root])
            raise UnusableTemplateError(f"one of {fields} instead of {root}.{field}{did_you_mean(field, FIELDS[root])}")


def _fields_of(tree: nodes.Template) -> Iterator[tuple[str, str]]:
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name):
            yield node.node.name, node.attr
    for node in tree.find_all(nodes.Getitem):
        if isinstance(node.node, nodes.Name) and isinstance(node.arg, nodes.Const):
            yield node.node.name, str(node.arg.value)


def _plain(value: object) -> Any:
    """Return a value as JSON, each text in one line and cropped."""
    if isinstance(value, Mapping):
        return {_line(key): _plain(each) for key, each in mapping_of(value).items()}
    if value is None or isinstance(value, bool | int | float | WebAddress):
        return value
    return _line(value)


def _line(value: object) -> str:
    text = printable(" ".join(str(value)[:_READ].split()))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
