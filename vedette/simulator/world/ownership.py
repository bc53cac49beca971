"""Ownership rules: lines such as `path:payments/* #payments`, and the owners that they name for an issue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from vedette.simulator.world.people import Assignee

if TYPE_CHECKING:
    from vedette.simulator.world.issues import Issue
    from vedette.simulator.world.world import World

_LINE = re.compile(r"(?:(path|url|module|codeowners|tags\.[\w.]+):)?(\S+)\s+(.+)")


class BadRuleError(ValueError):
    """A line that is no rule; `line` counts from 1."""

    def __init__(self, text: str, line: int) -> None:
        self.text, self.line = text, line
        super().__init__(f"Parse error: '{text}' (line {line}, column 1)")


@dataclass(frozen=True, slots=True)
class OwnershipRule:
    """One rule: its pattern, and the owners as they were written (`#team`, e-mail)."""

    kind: str
    pattern: str
    owners: tuple[str, ...]

    def matches(self, issue: Issue) -> bool:
        """Return whether it names owners for this issue."""
        report = issue.report
        if self.kind in {"path", "codeowners"}:
            return fnmatchcase(report.filename, self.pattern)
        if self.kind == "module":
            return fnmatchcase(report.culprit.partition(" in ")[0], self.pattern)
        if self.kind.startswith("tags."):
            return fnmatchcase(dict(report.tags).get(self.kind.removeprefix("tags."), ""), self.pattern)
        return False


def parse_rules(raw: str) -> list[OwnershipRule]:
    """Read rules; blank lines and comments are left out.

    Raises:
        BadRuleError: a line is no rule.
    """
    rules: list[OwnershipRule] = []
    for number, line in enumerate(raw.splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            raise BadRuleError(text, number)
        rules.append(OwnershipRule(match[1] or "path", match[2], tuple(match[3].split())))
    return rules


def matching_rules(issue: Issue) -> list[OwnershipRule]:
    """Return the project's rules that match; the last one wins, so it comes first."""
    return [rule for rule in reversed(parse_rules(issue.project.ownership)) if rule.matches(issue)]


def owners_of(world: World, issue: Issue) -> list[Assignee]:
    """Return the existing owners that the winning rule names."""
    for rule in matching_rules(issue)[:1]:
        named = [world.find_team(o[1:]) if o.startswith("#") else world.user_by_name.get(o) for o in rule.owners]
        return [Assignee(owner) for owner in named if owner]
    return []
