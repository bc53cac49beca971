"""`{ assign = "#payments" }`: to a team or user, or to somebody who is found out when it is done."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette._core.regular_file import read_regular_file
from vedette.rules.actions.assignee_finders import FINDERS, find, identity_of
from vedette.rules.actions.base import Action, ActionContext, Intent, UnusableFileError
from vedette.rules.ownership import Ownership, OwnershipError, Syntax, read_ownership
from vedette.search import Facts


class AssignAction(Action):
    """Assign the issue. One that somebody has already is left to them, unless `reassign` says otherwise."""

    kind: ClassVar[str] = "assign"

    assign: str | list[str] = Field(min_length=1)
    """`#team`, an address, `user:7` or a member's name; several of them with `by`; or a word for somebody who is found
    out: `owner` (whom Sentry suggests first), `suspect` (author of the suspect commit), `resolver` (who resolved it
    last), `ownership` (by the rules in `file`), `codeowners` (by the CODEOWNERS in `file`)."""
    by: str | None = Field(default=None, pattern="^(rotation|load)$")
    """How one of several is chosen: in `rotation`, or by `load`, who has the fewest unresolved issues."""
    file: str | None = None
    """The file with ownership rules in Sentry's syntax, or the CODEOWNERS."""
    reassign: bool = False
    """Whether it also takes the issue from whoever has it."""
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
        """Further files that it reads from."""
        return () if self.file is None else (self.file,)

    def placed(self, folder: Path) -> Self:
        """The action with its file found and read, once for all issues."""
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
        """How many API calls it takes at most, reading the issue aside."""
        if isinstance(self.assign, list):
            return 2 + (2 * len(self.assign) if self.by == "load" else 0)
        return 2 + (FINDERS[self.assign].cost if self.assign in FINDERS else 0)

    def describe(self) -> str:
        """What it does."""
        if isinstance(self.assign, list):
            how = "in rotation" if self.by == "rotation" else "whoever has the fewest issues"
            return f"assign to one of {', '.join(self.assign)}, {how}"
        if self.assign in FINDERS:
            return f"assign to {FINDERS[self.assign].words}" + (f" in {self.file}" if self.file else "")
        return f"assign to {self.assign}"

    def intends(self, facts: Facts) -> Intent | None:
        """What it leads to."""
        if isinstance(self.assign, list):
            return Intent(assignees=tuple(identity_of(who) for who in self.assign))
        if self.assign == "owner":
            suggested = facts.get("suggested").values
            return Intent(assignees=(str(suggested[0]),)) if suggested else None
        return None if self.assign in FINDERS else Intent(assignees=(identity_of(self.assign),))

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        if work.issue.assigned_to is not None and not self.reassign:
            work.note(f"{work.issue.label} is assigned already")
            return
        who = await self._who(work)
        if who:
            work.changed(await work.sentry.issues.assign(work.issue, who))

    async def _who(self, work: ActionContext) -> str:
        if isinstance(self.assign, list):
            return await find(self.assign, self.by or "", work)
        if self.assign not in FINDERS:
            return self.assign
        finder = FINDERS[self.assign]
        who = await finder.find(work, self._ownership)
        if not who:
            work.note(f"found nobody for {work.issue.label}: {finder.nobody}")
        return who
