"""Finds the owners of code by files: ownership rules in Sentry's syntax, and CODEOWNERS.

Ownership rules: `path:`, `module:`, `url:` or `tags.NAME:`, a pattern in which `*` matches any letters, and owners
(`#team` or addresses). CODEOWNERS: patterns as in `.gitignore`, and owners, where `@organization/team` is the team of
that slug. In both the last matching line is used, and blank lines and comments are ignored.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from typing import Literal

from vedette.rules.glob import Glob
from vedette.search import Facts

Syntax = Literal["ownership", "codeowners"]

_LINE = re.compile(r"(?:(path|url|module|tags\.[^\s:]+):)?(\"[^\"]+\"|\S+)\s+(.+)")
_FACTS = {"path": ("stack.filename", "stack.abs_path"), "module": ("stack.module",), "url": ("http.url",)}


class OwnershipError(ValueError):
    """A line that cannot be read."""

    def __init__(self, file: str, line: int, text: str) -> None:
        self.file = file
        self.line = line
        super().__init__(f"lines such as `path:payments/* #payments`: {file}:{line} says {text!r}")


@dataclass(frozen=True, slots=True)
class OwnershipLine:
    """One line: a pattern and the owners."""

    facts: tuple[str, ...]
    """Lookup names of the facts that the pattern is compared with."""
    matches: Callable[[str], object]
    """Returns something true for a value that matches the pattern."""
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ownership:
    """The lines of a file, in order."""

    lines: tuple[OwnershipLine, ...]

    def owners_of(self, facts: Facts) -> tuple[str, ...]:
        """Return the owners of the last line that matches, in the form of `assign`."""
        for line in reversed(self.lines):
            if any(line.matches(str(value)) for name in line.facts for value in facts.get(name).values):
                return line.owners
        return ()

    @property
    def keys(self) -> frozenset[str]:
        """Lookup names of all facts that the lines use."""
        return frozenset(name for line in self.lines for name in line.facts)


def read_ownership(file: str, text: str, syntax: Syntax) -> Ownership:
    """Read a file.

    Raises:
        OwnershipError: A line cannot be read.
    """
    lines: list[OwnershipLine] = []
    for number, whole in enumerate(text.splitlines(), 1):
        written = whole.partition(" #" if syntax == "codeowners" else "\0")[0].strip()
        if not written or written.startswith("#"):
            continue
        line = _codeowners_line(written) if syntax == "codeowners" else _ownership_line(written)
        if line is None:
            raise OwnershipError(file, number, written)
        lines.append(line)
    return Ownership(tuple(lines))


def _ownership_line(written: str) -> OwnershipLine | None:
    found = _LINE.fullmatch(written)
    if found is None:
        return None
    kind, pattern = found[1] or "path", found[2].strip('"')
    facts = (f"tags[{kind.removeprefix('tags.')}]",) if kind.startswith("tags.") else _FACTS[kind]
    # A pattern of `translate` cannot match the same letters in two ways, so its time is bounded.
    return OwnershipLine(facts, re.compile(translate(pattern), re.IGNORECASE).fullmatch, _owners(found[3].split()))


def _codeowners_line(written: str) -> OwnershipLine | None:
    pattern, *owners = re.split(r"(?<!\\)\s+", written)
    if pattern.startswith(("!", "[")):
        return None
    return OwnershipLine(_FACTS["path"], Glob(pattern.replace("\\ ", " ")).matches, _owners(owners))


def _owners(written: Iterable[str]) -> tuple[str, ...]:
    owners: list[str] = []
    for owner in written:
        if owner.startswith("@"):
            # A user name of the code host does not identify a user of Sentry.
            _, is_team, team = owner[1:].partition("/")
            owners += [f"#{team}"] if is_team else []
        else:
            owners.append(owner)
    return tuple(owners)
