"""Dead letters grouped by handler and error, since one cause makes many of them."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vedette.store.runs.dead_letters import DeadLetter
from vedette.store.runs.run import Run

_VARYING = re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{12,}\b|\b[A-Z][A-Z0-9_-]*-[0-9A-Z]+\b|\d+")
"""Parts of an error that differ between runs with one cause: addresses, ids, short ids of issues, numbers."""
_LONGEST = 300


@dataclass(frozen=True)
class DeadGroup:
    """Dead letters of one handler with one error."""

    id: str
    handler: str
    error: str
    """The error of the newest."""
    letters: tuple[DeadLetter, ...]
    """Those that ended last first."""

    @property
    def first(self) -> int:
        """When the oldest ended, Unix time in milliseconds."""
        return self.letters[-1].run.ended or 0

    @property
    def last(self) -> int:
        """When the newest ended, Unix time in milliseconds."""
        return self.letters[0].run.ended or 0


def group_of(run: Run) -> str:
    """Return the id of the group that a dead run belongs to."""
    lines = (run.error or "").strip().splitlines() or [""]
    kind = _VARYING.sub("#", lines[0][:_LONGEST])
    return hashlib.sha256(f"{run.handler}\n{run.state}\n{kind}".encode(errors="backslashreplace")).hexdigest()[:8]


def group_letters(letters: Sequence[DeadLetter]) -> list[DeadGroup]:
    """Return the groups of dead letters, the largest first."""
    found: dict[str, list[DeadLetter]] = {}
    for letter in sorted(letters, key=lambda one: one.run.ended or 0, reverse=True):
        found.setdefault(group_of(letter.run), []).append(letter)
    groups = [
        DeadGroup(name, same[0].run.handler, same[0].run.error or "", tuple(same)) for name, same in found.items()
    ]
    return sorted(groups, key=lambda group: (-len(group.letters), -group.last))
