"""Texts with the issue's fields in them: `{{ issue.title }}`, in Jinja's syntax, behind its sandbox and our fence.

What a template may do is checked when the rules are read: it reaches plain values by name, tests them and filters
them. There are no loops, calls, macros, imports or products, so that its time and its output follow from its length.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, cast

from jinja2 import ChainableUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vedette._core.markdown import WebAddress, in_address, in_markdown, in_plain_text, marked, unmarked
from vedette._core.printable import error_text, printable
from vedette.rules.files.validation_messages import did_you_mean

LONGEST: Final = 4_000
"""Characters of a template, and of what it renders to."""
_LONGEST_VALUE: Final = 500
_READ: Final = 20 * _LONGEST_VALUE
"""Characters of a value that are looked at."""
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "issue": (
        *("id", "short_id", "title", "culprit", "level", "status", "substatus", "priority", "platform", "url"),
        *("project", "assignee", "events", "users", "first_seen", "last_seen"),
    ),
    "event": ("name", "title", "level", "release", "environment", "url", "actor", "tags"),
    "rule": ("name",),
}
"""What a template can name, each behind a dot; of `event.tags` any tag."""
FILTERS: Final = ("default", "lower", "upper", "title", "capitalize", "trim", "truncate", "first", "last", "length")
_REFUSED: Final = (
    *(nodes.For, nodes.Call, nodes.CallBlock, nodes.Macro, nodes.Import, nodes.FromImport, nodes.Include),
    *(nodes.Extends, nodes.Block, nodes.Mul, nodes.Pow, nodes.Mod, nodes.FilterBlock, nodes.Assign, nodes.AssignBlock),
    *(nodes.With, nodes.List, nodes.Dict),
)

_UNREADABLE: Final = (TemplateError, RecursionError, SyntaxError, MemoryError, ArithmeticError, ValueError)
"""What Jinja raises of a text that it cannot read, and Python of the code that Jinja makes of it."""
Form = Literal["plain", "markdown"]
"""What a text becomes: plain text, or Markdown in which values have no effect."""


class UnusableTemplateError(ValueError):
    """A template that cannot be used; the text says what would be right."""


class _Fenced(ImmutableSandboxedEnvironment):
    """Names lead to plain values alone: never to an attribute or method of Python's."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What stands under a name in JSON."""
        found = cast("dict[str, Any]", obj).get(attribute) if isinstance(obj, dict) else None
        return self.undefined(name=attribute) if found is None else found

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The same, written with brackets."""
        return self.getattr(obj, str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        """Nothing is called."""
        del obj
        return False


class TextTemplate:
    """A template that was checked."""

    def __init__(self, source: str) -> None:
        """Read it.

        Raises:
            UnusableTemplateError: it cannot be used.
        """
        if len(source) > LONGEST:
            raise UnusableTemplateError(f"{LONGEST} characters at most")
        source = unmarked(source)
        # Each value is marked as such; what has to be escaped in it depends on where the text is shown.
        environment = _Fenced(undefined=ChainableUndefined, autoescape=False, finalize=marked)
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
        """Return the text with these values in it, cut off where it is too long.

        Args:
            values: The fields that it can name.
            form: What the text becomes; the author's own part of it stays as it is.
        """
        text = self._rendered(values)
        if form == "markdown":
            return in_markdown(text, longest=LONGEST)
        text = in_plain_text(text)
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

    def render_address(self, values: Mapping[str, Any]) -> WebAddress | None:
        """Return the address that it makes of these values; None where that is none with http or https."""
        return in_address(self._rendered(values)[:LONGEST])

    def _rendered(self, values: Mapping[str, Any]) -> str:
        try:
            return self._template.render({name: _plain(values.get(name)) for name in FIELDS})
        except Exception as error:  # noqa: BLE001 - an author's template, on values of anybody's: it is worth a text all the same
            return f"{self.source} {marked(f'({error_text(error)})')}"


def _check(tree: nodes.Template) -> None:
    for node in tree.find_all(_REFUSED):
        kind = type(node).__name__.lower()
        raise UnusableTemplateError(f"a template without {kind}: values, `if` and filters are what there is")
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
    """A value of which a template can reach nothing but JSON, each text in one line and not too long."""
    if isinstance(value, Mapping):
        return {printable(str(key)): _plain(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if value is None or isinstance(value, bool | int | float | WebAddress):
        return value
    text = printable(" ".join(str(value)[:_READ].split()))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
