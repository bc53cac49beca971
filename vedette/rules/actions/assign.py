"""Defines `{ assign = "#payments" }`: to a team or user, or to an assignee that is looked up."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette._core.regular_files import read_regular_file
from vedette.rules.actions.assignee_finders import FINDERS, choose, identity_of
from vedette.rules.actions.base import Action, ActionContext, Intent, UnusableFileError
from vedette.rules.ownership import Ownership, OwnershipError, Syntax, read_ownership
from vedette.search import Facts


class AssignAction(Action):
    """Assign the issue. An issue that has an assignee keeps it, unless `reassign` is set."""

    kind: ClassVar[str] = "assign"

    assign: str | list[str] = Field(min_length=1)
    """`#team`, an address, `user:7` or a member's name; several of them with `by`; or an assignee that is looked
    up: `owner` (the first that Sentry suggests), `suspect` (author of the suspect commit), `resolver` (the person that
    resolved it last), `ownership` (by the rules in `file`), `codeowners` (by the CODEOWNERS in `file`)."""
    by: str | None = Field(default=None, pattern="^(rotation|load)$")
    """The choice of one of several: in `rotation`, or by `load`, the one with the fewest unresolved issues."""
    file: str | None = None
    """The file with ownership rules in Sentry's syntax, or the CODEOWNERS."""
    reassign: bool = False
    """Return whether an issue that has an assignee gets the new one."""
    _ownership: Ownership | None = None

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if isinstance(self.assign, list) != (self.by is not None):
            raise ValueError('`by = "rotation"` or `by = "load"` together with a list, and neither alone')
        if (str(self.assign) in {"ownership", "codeowners"}) != (self.file is not None):
            raise ValueError('`file` together with assign = "ownership" or "codeowners", and neither alone')
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """The file with owners, if any."""
        return () if self.file is None else (self.file,)

    def with_files_read(self, folder: Path) -> Self:
        """Return the action with its file read, once for all issues."""
        if self.file is None:
            return self
        path = folder / self.file
        try:
            text = read_regular_file(path).decode()
        except (OSError, UnicodeDecodeError) as error:
            raise UnusableFileError(f"a file that can be read; {path}: {error}") from None
        syntax: Syntax = "codeowners" if self.assign == "codeowners" else "ownership"
        made = self.model_copy(update={"file": str(path)})
        try:
            made.__pydantic_private__ = {"_ownership": read_ownership(path.name, text, syntax)}
        except OwnershipError as error:
            raise UnusableFileError(str(error)) from None
        return made

    @property
    def needs(self) -> tuple[str, ...]:
        """Sentry's scopes that its calls need."""
        if isinstance(self.assign, str) and self.assign in FINDERS:
            return ("event:write", *FINDERS[self.assign].needs)
        return ("event:write", "team:read", "member:read")

    @property
    def cost(self) -> int:
        """The largest number of its API calls, not counting the one that reads the issue."""
        if isinstance(self.assign, list):
            return 2 + (2 * len(self.assign) if self.by == "load" else 0)
        return 2 + (FINDERS[self.assign].cost if self.assign in FINDERS else 0)

    def describe(self) -> str:
        """Describe the action in the imperative."""
        if isinstance(self.assign, list):
            how = "in rotation" if self.by == "rotation" else "the one with the fewest issues"
            return f"assign to one of {', '.join(self.assign)}, {how}"
        if self.assign in FINDERS:
            return f"assign to {FINDERS[self.assign].description}" + (f" in {self.file}" if self.file else "")
        return f"assign to {self.assign}"

    def intends(self, facts: Facts) -> Intent | None:
        """Return the state that it leads to."""
        if isinstance(self.assign, list):
            return Intent(assignees=tuple(identity_of(name) for name in self.assign))
        if self.assign == "owner":
            suggested = facts.get("suggested").values
            return Intent(assignees=(str(suggested[0]),)) if suggested else None
        return None if self.assign in FINDERS else Intent(assignees=(identity_of(self.assign),))

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        if context.issue.assigned_to is not None and not self.reassign:
            context.note(f"{context.issue.label} is assigned already")
            return
        assignee = await self._find_assignee(context)
        if assignee:
            context.record(await context.sentry.issues.assign(context.issue, assignee))

    async def _find_assignee(self, context: ActionContext) -> str:
        if isinstance(self.assign, list):
            return await choose(self.assign, self.by or "", context)
        if self.assign not in FINDERS:
            return self.assign
        finder = FINDERS[self.assign]
        assignee = await finder.find(context, self._ownership)
        if not assignee:
            context.note(f"found no assignee for {context.issue.label}: {finder.reason_for_none}")
        return assignee
