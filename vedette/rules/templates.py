"""Texts with the issue's fields in them: `{{ issue.title }}`, in Jinja's syntax, behind its sandbox and our fence.

What a template may do is checked when the rules are read: it reaches plain values by name, tests them and filters
them. There are no loops, calls, macros, imports or products, so that its time and its output follow from its length.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from jinja2 import ChainableUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vedette.rules.problems import did_you_mean

LONGEST: Final = 4_000
"""Characters of a template, and of what it renders to."""
_LONGEST_VALUE: Final = 500
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


class Text:
    """A template that was checked."""

    def __init__(self, source: str) -> None:
        """Read it.

        Raises:
            UnusableTemplateError: it cannot be used.
        """
        if len(source) > LONGEST:
            raise UnusableTemplateError(f"{LONGEST} characters at most")
        # Comments and messages are Markdown or plain text, whose own module knows what to escape.
        environment = _Fenced(undefined=ChainableUndefined, autoescape=False)
        environment.globals.clear()
        environment.filters = {name: environment.filters[name] for name in FILTERS}
        try:
            _check(environment.parse(source))
            self._template = environment.from_string(source)
        except TemplateError as error:
            raise UnusableTemplateError(f"a template such as `{{{{ issue.title }}}}`; {error}") from None
        self.source = source

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with these values in it, cut off where it is too long."""
        try:
            text = self._template.render({name: _plain(values.get(name)) for name in FIELDS})
        except (TemplateError, TypeError, ValueError) as error:
            # What one issue's values do not fit is worth a text all the same.
            text = f"{self.source} ({error})"
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


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
        return {str(key): _plain(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
