"""Who owns the code that an issue comes from: ownership rules in Sentry's syntax, and CODEOWNERS, from files.

Ownership rules: `path:`, `module:`, `url:` or `tags.NAME:`, a pattern in which `*` stands for any letters, and owners
(`#team` or addresses). CODEOWNERS: patterns as in `.gitignore`, and owners, where `@organization/team` is the team of
that slug. In both the last line that fits wins, and blank lines and comments count for nothing.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING, Literal

from vedette.rules.glob import Glob
from vedette.search import Facts

if TYPE_CHECKING:
    from vedette.rules.engine.sentry_facts import IssueReader

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
    """One line: what fits it, and whom it names."""

    facts: tuple[str, ...]
    """Lookup names of what the pattern is compared with."""
    matches: Callable[[str], object]
    """Whether a value is one that the line is about."""
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ownership:
    """All lines of a file, in order."""

    lines: tuple[OwnershipLine, ...]

    def owners(self, facts: Facts) -> tuple[str, ...]:
        """Whom the last line that fits names, as `assign` takes them."""
        for line in reversed(self.lines):
            if any(line.matches(str(value)) for name in line.facts for value in facts.get(name).values):
                return line.owners
        return ()

    @property
    def keys(self) -> frozenset[str]:
        """What has to be known to tell."""
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


async def owners_by(ownership: Ownership, facts: Facts, reader: "IssueReader") -> tuple[str, ...]:
    """Whom the lines name for an issue; its latest event is read where its payload does not show the code."""
    from vedette.rules.engine.sentry_facts import facts_of_api_event  # noqa: PLC0415 - the other way round at import

    if any(not facts.get(key).complete for key in ownership.keys):
        facts = facts_of_api_event(await reader.event()).with_more(facts)
    return ownership.owners(facts)


def _ownership_line(written: str) -> OwnershipLine | None:
    found = _LINE.fullmatch(written)
    if found is None:
        return None
    kind, pattern = found[1] or "path", found[2].strip('"')
    facts = (f"tags[{kind.removeprefix('tags.')}]",) if kind.startswith("tags.") else _FACTS[kind]
    # What `translate` makes has no two ways to match the same letters, so that its time is bounded.
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
            # A person's name on the code's host says nothing of who they are in Sentry.
            _, is_team, team = owner[1:].partition("/")
            owners += [f"#{team}"] if is_team else []
        else:
            owners.append(owner)
    return tuple(owners)
