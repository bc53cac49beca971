"""Render `docs/reference.md` from the code: what `vedette` exports, with its signatures and its own words.

Run it with `.venv/bin/python docs/render_reference.py`; a test holds the page to what this renders.
"""

import dataclasses
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import vedette
from vedette.events.event import Event

PAGE = Path(__file__).with_name("reference.md")
HEAD = """# Reference

What handlers are written with, as the code says it; rendered by `docs/render_reference.py`. How it fits together is on
the pages about [writing handlers](handlers.md), [events](events.md), the [API client](api.md) and
[channels](channels.md).

Public are the names of `vedette` on this page, and those of the packages `vedette.events`, `vedette.notify`,
`vedette.rules`, `vedette.search` and `vedette.testing`. Modules inside them are not: they move without notice. The
handlers that ship with Vedette import nothing else.
"""
ORDER = (
    *("on", "provide", "Context", "Reminder", "Retries", "Retry", "Drop"),
    *("Event", "Sentry", "Change", "AccessDenied", "Notify", "Message"),
    *("HandlerState", "Duration", "EventFilter"),
)
"""Exported names in the order of a reader's interest; others follow by name."""
_MADE_BY_AUTHORS = frozenset({"Retries", "Retry", "Drop", "Message"})
"""Classes whose constructor handlers call; the others are given to them."""
_OF_RULES = (
    *("Template", "TemplateOrNothing", "AddressOrNothing", "render_for_webhook", "render_address_for_webhook"),
    *("RuleBook", "RuleServices", "rules_files", "run_rules", "run_deferred"),
)
"""The names of `vedette.rules` that handlers use; the others are for programs that evaluate rules themselves."""
_TYPE = r'^{name} = ([^\n]+)\n"""(.*?)"""'
_DEFAULT = re.compile(r"<factory>|<[^<>]* object at 0x[0-9a-f]+>")


def render() -> str:
    """Return the whole page."""
    names = [*ORDER, *sorted(set(vedette.__all__) - set(ORDER))]
    parts = [HEAD, *(_section(name, getattr(vedette, name)) for name in names)]
    rules = importlib.import_module("vedette.rules")
    parts += ["## Rules and templates: `vedette.rules`\n"]
    parts += [_section(name, getattr(rules, name), module="vedette.rules", level="###") for name in _OF_RULES]
    parts += ["## Events\n", _events(), "## The groups of `Sentry`\n", *_groups()]
    return "\n".join(parts)


def _section(name: str, found: Any, module: str = "vedette", level: str = "##") -> str:
    if not inspect.isclass(found) and not inspect.isfunction(found):
        return _type(name, module, level)
    lines = [f"{level} `{name}`\n", f"```python\n{_head(name, found)}\n```\n", *_words(found)]
    if inspect.isclass(found) and level == "##":
        lines += _fields(found)
        lines += [line for member in _members(found) for line in _method(*member)]
    return "\n".join(lines)


def _type(name: str, module: str, level: str) -> str:
    """A type that annotates fields; its words are below it in the source."""
    home = importlib.import_module(vars(importlib.import_module(module))["_HOMES"][name])
    found = re.search(_TYPE.format(name=name), inspect.getsource(home), re.DOTALL | re.MULTILINE)
    assert found is not None, f"{name} has no docstring"
    return f"{level} `{name}`\n\nA type for fields of settings. {' '.join(found[2].split())}\n"


def _head(name: str, found: Any) -> str:
    if not inspect.isclass(found):
        return f"{name}{_signature(found)}"
    if name not in _MADE_BY_AUTHORS:
        return f"class {name}"
    return f"class {name}{_signature(found)}"


def _signature(found: Any) -> str:
    signature = inspect.signature(found)
    shown = [each for each in signature.parameters.values() if each.name != "self" and not each.name.startswith("_")]
    text = str(signature.replace(parameters=shown))
    return _plain(text.removesuffix(" -> None") if inspect.isclass(found) else text)


def _plain(text: str) -> str:
    """A signature as its author wrote it: no modules before names, no addresses of objects."""
    text = _DEFAULT.sub("...", text)
    text = re.sub(r"\b(?:[a-z_][a-z_0-9]*\.)+(?=[A-Z])", "", text)
    return re.sub(r"(-> |: )'([^']*)'", r"\1\2", text.replace("~", ""))


def _words(found: Any) -> Iterator[str]:
    text = inspect.getdoc(found) or ""
    for part in re.split(r"\n\n+", text):
        yield _part(part) + "\n"


def _part(part: str) -> str:
    """A paragraph of a docstring; its lists of arguments and errors become lists."""
    title, _, rest = part.partition("\n")
    if title not in {"Args:", "Attributes:", "Raises:", "Returns:"}:
        return part
    items = re.split(r"\n(?=\S)", textwrap.dedent(rest))
    body = [" ".join(item.split()) for item in items]
    if title == "Returns:":
        return f"{title} {' '.join(body)}"
    return "\n".join([title, "", *(f"- {_item(each)}" for each in body)])


def _item(text: str) -> str:
    name, colon, rest = text.partition(": ")
    return f"`{name}`: {rest}" if colon else text


def _fields(found: type[Any]) -> list[str]:
    """Fields with the words below them, which only the source has."""
    if not dataclasses.is_dataclass(found):
        return []
    source = inspect.getsource(found)
    told = re.findall(r'^    (\w+): ([^\n]+)\n    """(.*?)"""', source, re.DOTALL | re.MULTILINE)
    rows = [f"- `{name}`: {' '.join(words.split())}" for name, _, words in told if not name.startswith("_")]
    return [*rows, ""] if rows else []


def _members(found: type[Any]) -> Iterator[tuple[str, Any]]:
    for name, member in vars(found).items():
        if (name.startswith("_") and name != "__call__") or isinstance(member, staticmethod | classmethod):
            continue
        function = member.fget if isinstance(member, property) else getattr(member, "func", member)
        if inspect.isfunction(function) and inspect.getdoc(function):
            yield name, member


def _method(name: str, member: Any) -> list[str]:
    if isinstance(member, property) or hasattr(member, "func"):
        function = member.fget if isinstance(member, property) else member.func
        return [f"- `.{name}`: {_first(function)}"]
    heading = "called" if name == "__call__" else f"`.{name}`"
    lines = [f"\n### {heading}\n", f"```python\n{_async(member)}{name}{_signature(member)}\n```\n"]
    return [*lines, *_words(member)]


def _async(function: Any) -> str:
    return "async " if inspect.iscoroutinefunction(function) else ""


def _first(found: Any) -> str:
    """The first paragraph, in one line."""
    return " ".join((inspect.getdoc(found) or "").partition("\n\n")[0].split())


def _events() -> str:
    module = importlib.import_module("vedette.events")
    rows = ["| class | what it is | besides |", "|---|---|---|"]
    for name in sorted(module.__all__):
        found = getattr(module, name)
        if not (inspect.isclass(found) and issubclass(found, Event)) or found is Event:
            continue
        own = [
            f"`{member}`" for base in _lineage(found) for member, value in vars(base).items() if _adds(member, value)
        ]
        rows.append(f"| `{name}` | {_first(found)} | {', '.join(dict.fromkeys(own))} |")
    return "\n".join([*rows, ""])


def _lineage(found: type[Any]) -> list[type[Any]]:
    return [base for base in found.__mro__ if issubclass(base, Event) and base is not Event]


def _adds(member: str, value: Any) -> bool:
    return isinstance(value, property) and not member.startswith("_") and not hasattr(Event, member)


def _groups() -> Iterator[str]:
    for name, group in _group_classes():
        rows = [f"### `sentry.{name}`\n", "| call | |", "|---|---|"]
        for member, function in sorted(inspect.getmembers(group, inspect.isfunction)):
            if not member.startswith("_") and inspect.getdoc(function):
                called = f"{member}{_signature(function)}".replace("|", "\\|")
                rows.append(f"| `{_async(function)}{called}` | {_first(function)} |")
        yield "\n".join([*rows, ""])


def _group_classes() -> list[tuple[str, type[Any]]]:
    base = importlib.import_module("vedette.api.resources._caller").ApiResource
    found: dict[str, type[Any]] = {}
    module = importlib.import_module("vedette.api.client")
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, base) and value is not base:
            found[re.sub(r"(?<!^)(?=[A-Z])", "_", value.__name__).lower()] = value
    return sorted(found.items())


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
