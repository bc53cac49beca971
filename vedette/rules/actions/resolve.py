"""Defines `{ resolve = "now" }`: also in the next, the current or a named release, or in a commit."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from vedette.rules.actions.base import Action, ActionContext, Intent
from vedette.search import Facts

_Form = Literal["now", "in next release", "in current release", "in release", "in commit"]


class ResolveAction(Action):
    """Resolve the issue. A resolved issue is unchanged."""

    kind: ClassVar[str] = "resolve"

    resolve: _Form
    release: str | None = None
    """The version, with `in release`."""
    commit: str | None = None
    """The commit's id, with `in commit`."""
    repository: str | None = None
    """The repository's name as Sentry knows it, with `in commit`."""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if (self.resolve == "in release") != (self.release is not None):
            raise ValueError('`release` together with resolve = "in release", and neither alone')
        is_commit = self.resolve == "in commit"
        if is_commit != (self.commit is not None) or is_commit != (self.repository is not None):
            raise ValueError('`commit` and `repository` together with resolve = "in commit", and none alone')
        return self

    def describe(self) -> str:
        """Describe the action in the imperative."""
        if self.release is not None:
            return f"resolve in release {self.release}"
        if self.commit is not None:
            return f"resolve in commit {self.commit} of {self.repository}"
        return "resolve" if self.resolve == "now" else f"resolve {self.resolve.replace('in ', 'in the ', 1)}"

    def intends(self, facts: Facts) -> Intent:
        """Return the state that it leads to."""
        del facts
        return Intent(status="resolved")

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        if context.issue.status == "resolved":
            context.note(f"{context.issue.label} is resolved already")
            return
        release = "latest" if self.resolve == "in current release" else self.release
        commit = None if self.commit is None else (self.commit, self.repository or "")
        context.record(
            await context.sentry.issues.resolve(
                context.issue,
                in_next_release=self.resolve == "in next release",
                in_release=release,
                in_commit=commit,
            )
        )
