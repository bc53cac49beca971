"""Defines the errors of rules files, each with its position."""

from collections.abc import Sequence
from dataclasses import dataclass

from vedette._core.user_error import UserError


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """A problem of a rules file, and the expected value."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    found: str
    """A description of the found value."""
    expected: str
    """A description of the expected value."""
    marked: str = ""
    """The search with carets under the position; empty for other problems."""

    @property
    def place(self) -> str:
        """The position in the form of compilers: `triage.toml:12:8`."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def line_of_text(self) -> str:
        """The whole problem in one line."""
        return f"{self.place}: {self.found}: expected {self.expected}"

    def __str__(self) -> str:
        return "\n".join([self.line_of_text, *(f"    {line}" for line in self.marked.splitlines())])


class RulesError(UserError, ValueError):
    """Rules cannot be used; the text names each problem with its file, line and column."""

    exit_code = 2

    def __init__(self, problems: Sequence[RuleProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
