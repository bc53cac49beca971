"""Proposals as a rules file: figures in comments, and each rule only proposing until somebody trusts it."""

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


def as_toml(proposals: Sequence[Suggestion]) -> str:
    """The text to paste into triage.toml."""
    return "\n".join(_rule(one, name) for one, name in zip(proposals, names_of(proposals), strict=True))


def names_of(proposals: Iterable[Suggestion]) -> list[str]:
    """A name for each, no two the same."""
    names: list[str] = []
    for one in proposals:
        end = _ENDS[one.target.kind].format(one.target.value)
        about = " ".join("*".join(condition.written) for condition in one.conditions)
        plain = "".join(letter if letter.isprintable() else " " for letter in about)
        name = f"{plain[: max(10, _NAMED - len(end))]} {end}"[:_NAMED]
        count = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({count + 1})" if count else name)
    return names


def in_words(one: Suggestion) -> list[str]:
    """The figures, a sentence each."""
    figures, latest = one.figures, one.latest
    verb = _VERBS[one.target.kind].format(_shown(one.target.value))
    share = f"{figures.share:.0%}, with this many at least {figures.low:.0%}"
    lines = [
        f"{figures.agreed} of {figures.judged} issues that people decided on were {verb}: {share}.",
        f"It was learned without the latest {latest.judged} of them, of which {latest.agreed} agree.",
    ]
    if one.matched > figures.judged:
        lines.append(f"It finds {one.matched} issues in all; on the others nobody decided.")
    if one.against:
        lines.append(f"Decided otherwise, the latest first: {', '.join(map(_shown, one.against))}")
    return lines


def toml_text(text: str) -> str:
    """Return a text as a value of a TOML file, with escapes where a letter is invisible or would have an effect."""
    is_plain = text.isprintable() and printable(text) == text
    if is_plain and "'" not in text and ('"' in text or "\\" in text):
        return f"'{text}'"
    written = json.dumps(text, ensure_ascii=False)
    # What a terminal must not be sent is escaped here, in TOML's own way: spelled out later it would be another text.
    return written if is_plain else "".join(map(_escaped, written))


def _rule(one: Suggestion, name: str) -> str:
    lines = [f"# {line}" for line in in_words(one)]
    lines += [
        "[[rule]]",
        f"name = {toml_text(name)}",
        'on = "issue.created"',
        f"when = {toml_text(one.when)}",
        f"then = [{{ {one.target.kind} = {toml_text(one.target.value)} }}]",
        'mode = "propose"',
    ]
    return "\n".join(lines) + "\n"


def _escaped(letter: str) -> str:
    return letter if letter.isascii() and letter.isprintable() else f"\\U{ord(letter):08x}"


def _shown(text: str) -> str:
    """A text that stays within its line, whatever is in it."""
    return printable("".join(letter if letter.isprintable() else " " for letter in text))
