"""Defines `{ merge = "same title" }`.

A merge cannot be undone completely: Sentry's unmerging makes a new issue of some hashes, and assignee, comments and
links are not moved. So it is proposed unless the action sets another mode, titles without information are skipped, and
the stack traces have to be equal too.
"""

import re
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pydantic import Field

from vedette._core.printable import cropped
from vedette.access.context import MODES
from vedette.api.errors import NotFound
from vedette.events import ApiEvent
from vedette.rules.actions.base import Action, ActionContext
from vedette.settings.settings import Mode

if TYPE_CHECKING:
    from vedette.api.models import Issue, SentryEvent

LEAST_FRAMES: Final = 3
"""Frames of the project's own code that a stack trace needs to tell one error from another."""
_COMPARED: Final = 2
"""Stack traces that are compared, as a multiple of `most`."""
_HASHES: Final = 5
"""Hashes of each issue that are recorded."""
_LONGEST_RECORD: Final = 1000
_CONSTANT: Final = frozenset(
    {"error", "exception", "runtimeerror", "typeerror", "null", "undefined", "none", "nan", "true", "false", "unknown"}
    | {"<unlabeled event>", "<unknown>", "(no error message)", "no error message", "no message", "script error."}
    | {"script error", "[object object]", "[object event]", "object", "failed", "failure", "unknown error", "crash"}
    | {"internal server error", "an error occurred", "something went wrong", "assertion failed", "timeout"}
)
"""Titles that many errors have, in small letters."""

Frames = tuple[tuple[str, str], ...]
"""Module or file, and function, of each frame of the project's own code."""


class MergeAction(Action):
    """Merge the issue with unresolved ones of its project that have the same title, culprit and stack trace.

    Sentry chooses the issue that remains; the others cannot be restored.
    """

    kind: ClassVar[str] = "merge"
    fields: ClassVar[tuple[str, ...]] = ("merge",)

    merge: Literal["same title"]
    mode: Mode = "propose"
    """The mode of the merge, where it is stricter than that of the rule: `propose` unless given."""
    most: int = Field(default=10, ge=2, le=100)
    """The largest number of issues that are merged at once."""

    @property
    def cost(self) -> int:
        """One search, the events for the stack traces, the recorded hashes, a second read, and the merge."""
        return 4 + _COMPARED * self.most + self.most

    def describe(self) -> str:
        """Describe the action in the imperative."""
        how = "" if self.mode == "act" else f" (at most {self.mode})"
        return f"merge with at most {self.most - 1} others of the same title, culprit and stack trace{how}"

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        issue = context.issue
        if issue.project is None:
            return
        if is_uninformative(issue.title):
            context.note(f"skipped {issue.label}: many errors have its title")
            return
        frames = _frames_of(await context.reader.event())
        if len(frames) < LEAST_FRAMES:
            context.note(f"skipped {issue.label}: its stack trace has {len(frames)} frames of your code, not three")
            return
        found = [issue, *await self._alike(context, issue, frames)]
        if len(found) == 1:
            context.note(f"no other issue has the title, culprit and stack trace of {issue.label}")
            return
        record = cropped("; ".join([f"{each.label} {await _hashes(context, each)}" for each in found]), _LONGEST_RECORD)
        context.note(f"hashes of the merged issues: {record}")
        ceiling: Mode = next(mode for mode in MODES if mode in {self.mode, context.ceiling})
        context.record(await context.sentry.view(ceiling=ceiling).issues.merge(found))

    async def _alike(self, context: ActionContext, issue: "Issue", frames: Frames) -> list["Issue"]:
        """Return other issues with the same title, culprit and frames; a bounded number is compared."""
        assert issue.project is not None
        found: list[Issue] = []
        compared = 0
        query = f"is:unresolved title:{_quoted(issue.title)}"
        async for other in context.sentry.issues.search(query, project=[issue.project.id], page_size=100):
            if other.id == issue.id or (other.title, other.culprit) != (issue.title, issue.culprit):
                continue
            if len(found) == self.most - 1 or compared == _COMPARED * self.most:
                context.note(f"more issues may be like {issue.label}: at most {self.most} are merged at once")
                break
            compared += 1
            try:
                event = await context.sentry.events.get_for_issue(other)
            except NotFound:
                # It was deleted meanwhile, or Sentry has removed its events.
                continue
            if _frames_of(event) == frames:
                found.append(other)
        return found


def is_uninformative(title: str) -> bool:
    """Return whether a title does not identify an error: it is empty, or one that many errors have."""
    text = " ".join(title.split()).casefold()
    # `Error: ` and `TypeError: undefined` are as constant as their parts.
    parts = [part.strip() for part in re.split(r":\s", f"{text} ", maxsplit=1)]
    return not text or text in _CONSTANT or all(not part or part in _CONSTANT for part in parts)


def _frames_of(event: "SentryEvent") -> Frames:
    exceptions = ApiEvent.model_validate(event.model_dump(by_alias=True, exclude_unset=True)).exceptions
    frames = [frame for exception in exceptions for frame in exception.in_app_frames]
    return tuple((frame.module or frame.filename or "", frame.function or "") for frame in frames)


async def _hashes(context: ActionContext, issue: "Issue") -> str:
    hashes = [each.id async for each in context.sentry.issues.hashes(issue)]
    more = f" and {len(hashes) - _HASHES} more" if len(hashes) > _HASHES else ""
    return ", ".join(hashes[:_HASHES]) + more


def _quoted(title: str) -> str:
    escaped = title.replace("\\", "\\\\").replace('"', '\\"').replace("*", "\\*")
    return f'"{escaped}"'
