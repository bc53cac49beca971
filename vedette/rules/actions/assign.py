"""`{ assign = "#payments" }`: to a team or user."""

from typing import ClassVar

from pydantic import Field

from vedette.rules.actions.base import Action, Intent, Work
from vedette.search import Facts


class Assign(Action):
    """Assign the issue. One that somebody has already is left to them, unless `reassign` says otherwise."""

    kind: ClassVar[str] = "assign"
    needs: ClassVar[tuple[str, ...]] = ("event:write", "team:read", "member:read")
    cost: ClassVar[int] = 2

    assign: str = Field(min_length=1)
    """`#team`, an address, `user:7`, or a member's name."""
    reassign: bool = False
    """Whether it also takes the issue from whoever has it."""

    def describe(self) -> str:
        """What it does."""
        return f"assign to {self.assign}"

    def intends(self, facts: Facts) -> Intent:
        """What it leads to."""
        del facts
        return Intent(assignees=(identity_of(self.assign),))

    async def do(self, work: Work) -> None:
        """Do it."""
        if work.issue.assigned_to is not None and not self.reassign:
            work.note(f"{work.issue.label} is assigned already")
            return
        work.changed(await work.sentry.issues.assign(work.issue, self.assign))


def identity_of(who: str) -> str:
    """The identity that facts would show for somebody who is written so."""
    kind, _, rest = who.partition(":")
    if who.startswith("#") or kind == "team":
        return who if rest.isdigit() else f"#{who.removeprefix('#').removeprefix('team:')}"
    if kind == "user" and rest.isdigit():
        return who
    person = rest if kind == "user" else who
    return f"email:{person}" if "@" in person else f"username:{person}"
