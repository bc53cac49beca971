"""What is wrong with rules: every problem of every file, each at its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from vedette._core.user_error import UserError


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One thing that is wrong, and what would be right."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    found: str
    """What stands there, in words."""
    expected: str
    """What would be right there."""
    marked: str = ""
    """The search that cannot be read, with carets under the place; empty for others."""

    @property
    def place(self) -> str:
        """`triage.toml:12:8`, as editors and CI take it."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def line_of_text(self) -> str:
        """All of it in one line."""
        return f"{self.place}: {self.found}: expected {self.expected}"

    def __str__(self) -> str:
        return "\n".join([self.line_of_text, *(f"    {line}" for line in self.marked.splitlines())])


class RulesError(UserError, ValueError):
    """Rules cannot be used; the text names each problem with its file, line and column."""

    exit_code = 2

    def __init__(self, problems: Sequence[RuleProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
