"""`{ merge = "same title" }`."""

from typing import ClassVar, Literal

from pydantic import Field

from vedette.rules.actions.base import Action, Work


class Merge(Action):
    """Merge the issue with unresolved ones of its project that have the same title and culprit.

    Sentry chooses which of them stays, and nothing brings the others back.
    """

    kind: ClassVar[str] = "merge"
    fields: ClassVar[tuple[str, ...]] = ("merge",)

    merge: Literal["same title"]
    most: int = Field(default=10, ge=2, le=100)
    """How many are merged at once, at most."""

    @property
    def cost(self) -> int:
        """Searching, reading again, merging."""
        return 3

    def describe(self) -> str:
        """What it does."""
        return f"merge with at most {self.most - 1} others of the same title and culprit"

    async def do(self, work: Work) -> None:
        """Do it."""
        issue = work.issue
        if issue.project is None:
            return
        found = [issue]
        query = f"is:unresolved title:{_quoted(issue.title)}"
        async for other in work.sentry.issues.search(query, project=[issue.project.id], page_size=100):
            is_same = (other.title, other.culprit) == (issue.title, issue.culprit)
            if is_same and other.id != issue.id and len(found) < self.most:
                found.append(other)
            if len(found) == self.most:
                break
        if len(found) == 1:
            work.note(f"no other issue has the title and culprit of {issue.label}")
            return
        await work.sentry.issues.merge(found)


def _quoted(title: str) -> str:
    escaped = title.replace("\\", "\\\\").replace('"', '\\"').replace("*", "\\*")
    return f'"{escaped}"'
