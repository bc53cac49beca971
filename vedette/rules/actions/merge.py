"""`{ merge = "same title" }`.

A merge cannot be taken back whole: Sentry's unmerging makes a new issue of some hashes, and assignee, comments and
links stay where they are. So it is proposed unless the action itself says otherwise, titles that say nothing are left
alone, and the stack traces have to agree too.
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
_LOOKED_AT: Final = 2
"""So many times as many issues have their stack traces compared as are merged at once."""
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

    Sentry chooses which of them stays, and nothing brings the others back.
    """

    kind: ClassVar[str] = "merge"
    fields: ClassVar[tuple[str, ...]] = ("merge",)

    merge: Literal["same title"]
    mode: Mode = "propose"
    """What the merge becomes, where that is more careful than what the rule's writes become: `propose` unless given."""
    most: int = Field(default=10, ge=2, le=100)
    """How many are merged at once, at most."""

    @property
    def cost(self) -> int:
        """Searching, events whose stack traces are compared, hashes that are recorded, reading again, merging."""
        return 4 + _LOOKED_AT * self.most + self.most

    def describe(self) -> str:
        """What it does."""
        how = "" if self.mode == "act" else f" (at most {self.mode})"
        return f"merge with at most {self.most - 1} others of the same title, culprit and stack trace{how}"

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        issue = work.issue
        if issue.project is None:
            return
        if says_nothing(issue.title):
            work.note(f"left {issue.label} alone: many errors have its title, so it tells nothing")
            return
        frames = _frames_of(await work.reader.event())
        if len(frames) < LEAST_FRAMES:
            work.note(f"left {issue.label} alone: its stack trace has {len(frames)} frames of your code, not three")
            return
        found = [issue, *await self._alike(work, issue, frames)]
        if len(found) == 1:
            work.note(f"no other issue has the title, culprit and stack trace of {issue.label}")
            return
        record = cropped("; ".join([f"{each.label} {await _hashes(work, each)}" for each in found]), _LONGEST_RECORD)
        work.note(f"hashes of what is merged: {record}")
        ceiling: Mode = next(mode for mode in MODES if mode in {self.mode, work.ceiling})
        work.changed(await work.sentry.view(ceiling=ceiling).issues.merge(found))

    async def _alike(self, work: ActionContext, issue: "Issue", frames: Frames) -> list["Issue"]:
        """Return other issues with the same title, culprit and frames; only so many are looked at."""
        assert issue.project is not None
        found: list[Issue] = []
        looked_at = 0
        query = f"is:unresolved title:{_quoted(issue.title)}"
        async for other in work.sentry.issues.search(query, project=[issue.project.id], page_size=100):
            if other.id == issue.id or (other.title, other.culprit) != (issue.title, issue.culprit):
                continue
            if len(found) == self.most - 1 or looked_at == _LOOKED_AT * self.most:
                work.note(f"more issues may be like {issue.label}: at most {self.most} are merged at once")
                break
            looked_at += 1
            try:
                event = await work.sentry.events.get_for_issue(other)
            except NotFound:
                # It is gone meanwhile, or Sentry has removed its events.
                continue
            if _frames_of(event) == frames:
                found.append(other)
        return found


def says_nothing(title: str) -> bool:
    """Return whether a title tells nothing of an error: it is empty, or one that many errors have."""
    text = " ".join(title.split()).casefold()
    # `Error: ` and `TypeError: undefined` are as constant as their parts.
    parts = [part.strip() for part in re.split(r":\s", f"{text} ", maxsplit=1)]
    return not text or text in _CONSTANT or all(not part or part in _CONSTANT for part in parts)


def _frames_of(event: "SentryEvent") -> Frames:
    exceptions = ApiEvent.model_validate(event.model_dump(by_alias=True, exclude_unset=True)).exceptions
    frames = [frame for exception in exceptions for frame in exception.in_app_frames]
    return tuple((frame.module or frame.filename or "", frame.function or "") for frame in frames)


async def _hashes(work: ActionContext, issue: "Issue") -> str:
    hashes = [each.id async for each in work.sentry.issues.hashes(issue)]
    more = f" and {len(hashes) - _HASHES} more" if len(hashes) > _HASHES else ""
    return ", ".join(hashes[:_HASHES]) + more


def _quoted(title: str) -> str:
    escaped = title.replace("\\", "\\\\").replace('"', '\\"').replace("*", "\\*")
    return f'"{escaped}"'
