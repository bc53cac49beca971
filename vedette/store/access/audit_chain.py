"""Verifies the audit's chain of hashes and reports its breaks.

Each entry's hash is taken over the one before it, and an entry that removes others for their age records that in
its own hashed text. So a change, a gap and an unrecorded removal are found. A user who can write to Redis can still
rewrite the whole chain or cut off its end: only an entry that was kept elsewhere shows that.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette._core.user_error import UserError

_KEPT: Final = re.compile(r"(?:(?P<number>[0-9]{1,15})-(?P<at>[0-9]{1,15})-)?(?P<hash>[0-9a-f]{64})")


class UnreadableKeptEntryError(UserError):
    """The text given as a kept entry is not one."""

    exit_code = 2

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(
            f"{text[:100]!r} is no entry of the audit: give what `vedette audit verify` prints or a worker logs as the "
            "audit's newest entry, NUMBER-TIME-HASH"
        )


@dataclass(frozen=True)
class KeptEntry:
    """An entry by number, time and hash: enough to recognise it, to be kept where no user of Redis can write."""

    number: int | None
    """None where only a hash was kept."""
    at: int
    """When it was written, Unix time in milliseconds; 0 where only a hash was kept."""
    hash: str

    def __str__(self) -> str:
        return self.hash if self.number is None else f"{self.number}-{self.at}-{self.hash}"

    @classmethod
    def read(cls, text: str) -> "KeptEntry":
        """Read what `str` wrote, or a hash alone.

        Raises:
            UnreadableKeptEntryError: It is neither.
        """
        found = _KEPT.fullmatch(text.strip())
        if found is None:
            raise UnreadableKeptEntryError(text)
        number = found["number"]
        return cls(None if number is None else int(number), int(found["at"] or 0), found["hash"])


@dataclass(frozen=True)
class Verification:
    """The result of following the chain."""

    entries: int
    head: str
    """The newest entry as text, to be kept elsewhere; empty where there is none."""
    problems: tuple[str, ...]
    expected_found: bool
    """Return whether the entry that was asked for is in the chain; True where none was asked for."""
    remarks: tuple[str, ...] = ()
    """Facts that prove no harm and are worth knowing."""


@dataclass
class ChainCheck:
    """Takes the entries, the oldest first, and says at the end what is wrong with them."""

    head: Mapping[bytes, bytes]
    """What Redis holds beside the entries before they are read: number and hash of the newest, and of the newest that
    was removed."""
    now: int
    """The server's clock, Unix time in milliseconds."""
    age: int
    """Milliseconds after which an entry may be removed."""
    expected: KeptEntry | None = None
    problems: list[str] = field(default_factory=list[str])
    remarks: list[str] = field(default_factory=list[str])
    _entries: int = 0
    _number: int = 0
    _last: str = ""
    _at: int = 0
    _told_removed: int = 0
    _is_found: bool = False

    def __post_init__(self) -> None:
        self._number, self._last = _number(self.head.get(b"removed")), _text(self.head.get(b"removed_hash"))

    def follow(self, fields: Mapping[bytes, bytes]) -> None:
        """Take the next entry in its stored form."""
        self._entries += 1
        here, text, stated = _number(fields.get(b"number")), _text(fields.get(b"entry")), _text(fields.get(b"hash"))
        if here != self._number + 1:
            self.problems.append(f"entry {self._number + 1} is missing: after {self._number} comes {here}")
        elif chained(self._last, here, text) != stated:
            self.problems.append(f"entry {here} was changed")
        facts = facts_of_text(text)
        self._at = _whole(facts.get("at"))
        self._take_removal(here, facts.get("removed"))
        self._number, self._last = here, stated
        self._look_for_expected(here, stated)

    def has_reached(self, head: Mapping[bytes, bytes]) -> bool:
        """Return whether the newest entry was taken, as `head` says now."""
        return self._number >= _number(head.get(b"number"))

    def end(self, head: Mapping[bytes, bytes]) -> Verification:
        """Say what the chain has shown.

        Args:
            head: What Redis holds beside the entries after they were read.
        """
        newest, removed = _number(head.get(b"number")), _number(head.get(b"removed"))
        if self._entries == 0 and newest:
            self.problems.append(f"all {newest} entries are gone: each removal for age leaves the entry that made it")
        elif (self._number, self._last) != (newest, _text(head.get(b"hash"))):
            self.problems.append(
                f"the newest entry should be {newest}, and is {self._number}: entries were cut off or added"
            )
        if removed != self._told_removed and self._entries:
            first, count = self._told_removed + 1, removed - self._told_removed
            self.problems.append(
                f"{count} entries ({first} to {removed}) were removed, and no entry tells of it"
                if count > 0
                else f"entries up to {self._told_removed} were removed, and Redis says {removed}"
            )
        self._end_expected(newest, removed)
        kept = "" if self._entries == 0 else str(KeptEntry(self._number, self._at, self._last))
        found = self.expected is None or self._is_found
        return Verification(self._entries, kept, tuple(self.problems), found, tuple(self.remarks))

    def _take_removal(self, here: int, told: object) -> None:
        if not isinstance(told, dict):
            return
        values = json_object(told)
        self._told_removed, at = _whole(values.get("upto")), _whole(values.get("at"))
        if at > self._at - self.age:
            self.remarks.append(
                f"entry {here} removed entries up to {self._told_removed}, younger than access.audit_age is now"
            )

    def _look_for_expected(self, here: int, stated: str) -> None:
        kept = self.expected
        if kept is None:
            return
        if kept.hash == stated and kept.number in {None, here}:
            self._is_found = True
        elif kept.number == here:
            self.problems.append(f"entry {here} is not the one that was kept: the record was made anew from there on")

    def _end_expected(self, newest: int, removed: int) -> None:
        kept = self.expected
        if kept is None or self._is_found:
            return
        if kept.number is None:
            self.problems.append(f"no entry has the hash {kept.hash}: the audit is not the one that it was")
        elif kept.number > newest:
            count = kept.number - newest
            self.problems.append(
                f"{count} entries ({newest + 1} to {kept.number}) are gone from the end: cut off, or Redis was "
                "put back to an earlier state"
            )
        elif kept.number <= removed:
            self._end_removed(kept.number, kept.at, removed)

    def _end_removed(self, number: int, at: int, removed: int) -> None:
        if at <= self.now - self.age:
            self._is_found = True
            self.remarks.append(f"entry {number}, which was kept, is past its age: it can no longer be held against")
            return
        self.problems.append(
            f"entry {number}, which was kept, is younger than access.audit_age and should be there: entries up to "
            f"{removed} are gone, at least {removed - number + 1} of them before their time"
        )


def chained(last: str, number: int, entry: str) -> str:
    """Return the hash of an entry that follows the one with the hash `last`."""
    return hashlib.sha256(f"{last}\n{number}\n{entry}".encode()).hexdigest()


def facts_of_text(text: str) -> dict[str, Any]:
    """Return the facts of an entry's text; none if it was altered and is no JSON object."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return json_object(found)


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")


def _number(value: bytes | None) -> int:
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() else 0


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
