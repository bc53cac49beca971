"""Renders suggestions as a rules file, with figures in comments and `mode = "propose"` in each rule."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from vedette._core.printable import printable
from vedette.rules.suggest.labelled_issue import Kind
from vedette.rules.suggest.suggestion import Suggestion

_NAMED: Final = 90
_VERBS: Final[Mapping[Kind, str]] = {
    "assign": "assigned to {}",
    "archive": "archived {}",
    "resolve": "resolved at once",
    "priority": "given priority {}",
}
_ENDS: Final[Mapping[Kind, str]] = {
    "assign": "to {}",
    "archive": "archived {}",
    "resolve": "resolved",
    "priority": "priority {}",
}


def render_toml(proposals: Sequence[Suggestion]) -> str:
    """Render the rules for triage.toml."""
    return "\n".join(_rule(one, name) for one, name in zip(proposals, names_of(proposals), strict=True))


def names_of(proposals: Iterable[Suggestion]) -> list[str]:
    """Return a unique name for each suggestion."""
    names: list[str] = []
    for one in proposals:
        end = _ENDS[one.target.kind].format(one.target.value)
        about = " ".join("*".join(condition.written) for condition in one.conditions)
        plain = "".join(letter if letter.isprintable() else " " for letter in about)
        name = f"{plain[: max(10, _NAMED - len(end))]} {end}"[:_NAMED]
        count = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({count + 1})" if count else name)
    return names


def describe_figures(one: Suggestion) -> list[str]:
    """Describe the figures of a suggestion, a sentence each."""
    figures, latest = one.figures, one.latest
    verb = _VERBS[one.target.kind].format(_shown(one.target.value))
    share = f"{figures.share:.0%}, with this many at least {figures.low:.0%}"
    lines = [
        f"{figures.agreed} of {figures.judged} issues that people decided on were {verb}: {share}.",
        f"It was learned without the latest {latest.judged} of them, of which {latest.agreed} agree.",
    ]
    if one.matched > figures.judged:
        lines.append(f"It finds {one.matched} issues in all; the others are undecided.")
    if one.against:
        lines.append(f"Decided otherwise, the latest first: {', '.join(map(_shown, one.against))}")
    return lines


def quote_toml(text: str) -> str:
    """Quote a text as a value of TOML, with escapes for invisible letters and those with an effect."""
    is_plain = text.isprintable() and printable(text) == text
    if is_plain and "'" not in text and ('"' in text or "\\" in text):
        return f"'{text}'"
    written = json.dumps(text, ensure_ascii=False)
    # Letters that a terminal must not receive are escaped here, as TOML escapes; a later escape would change the text.
    return written if is_plain else "".join(map(_escaped, written))


def _rule(one: Suggestion, name: str) -> str:
    lines = [f"# {line}" for line in describe_figures(one)]
    lines += [
        "[[rule]]",
        f"name = {quote_toml(name)}",
        'on = "issue.created"',
        f"when = {quote_toml(one.when)}",
        f"then = [{{ {one.target.kind} = {quote_toml(one.target.value)} }}]",
        'mode = "propose"',
    ]
    return "\n".join(lines) + "\n"


def _escaped(letter: str) -> str:
    return letter if letter.isascii() and letter.isprintable() else f"\\U{ord(letter):08x}"


def _shown(text: str) -> str:
    """Return a text in one line."""
    return printable("".join(letter if letter.isprintable() else " " for letter in text))
