"""Patterns of file names as `.gitignore` and CODEOWNERS have them, matched in time linear in the name.

File names come from whoever can make an application fail, and a regular expression with several `*` may take
exponential time on one that was made for it. Here all ways in which a pattern can match are followed at once, a bit
each, so that every letter of a name is looked at once.
"""

import re
from typing import Final

_PART: Final = re.compile(r"(?:\*\*/)+|/\*\*$|\*{2,}|\*|\?")
_SLASH: Final = "/"


class Glob:
    """A pattern: one with a slash inside is anchored, one that ends in a slash is a folder's.

    `*` and `?` stand for any letters and any letter but slashes, `**` for any letters.
    """

    __slots__ = ("_any", "_any_loop", "_end", "_letters", "_loop", "_one", "_skip_one", "_skip_three", "_start")

    def __init__(self, pattern: str) -> None:
        self._letters: dict[str, int] = {}
        self._one = self._loop = self._any = self._any_loop = self._skip_one = self._skip_three = self._end = 0
        if _SLASH in pattern.rstrip(_SLASH):
            self._skip_one |= 1
            self._literal(_SLASH)
        else:
            self._any_folders()
        body, place = pattern.strip(_SLASH), 0
        for part in _PART.finditer(body):
            self._literal(body[place : part.start()])
            self._wildcard(part[0])
            place = part.end()
        self._literal(body[place:])
        accepting = 1 << self._end
        # What lies within a folder is its owner's, so that a name may go on after a slash.
        self._literal(_SLASH)
        self._loop_at(is_any=True)
        self._start = self._closed(1)
        self._end = (1 << self._end) | (0 if pattern.endswith(_SLASH) else accepting)

    def matches(self, name: str) -> bool:
        """Return whether the pattern is one of this file's."""
        states = self._start
        for letter in name:
            steps, loops = self._letters.get(letter, 0) | self._any, self._any_loop
            if letter != _SLASH:
                steps, loops = steps | self._one, loops | self._loop
            states = self._closed(((states & steps) << 1) | (states & loops))
            if not states:
                return False
        return bool(states & self._end)

    def _closed(self, states: int) -> int:
        """Return the states with those that can be had without a further letter."""
        while True:
            more = states | ((states & self._skip_one) << 1) | ((states & self._skip_three) << 3)
            if more == states:
                return states
            states = more

    def _literal(self, text: str) -> None:
        for letter in text:
            self._letters[letter] = self._letters.get(letter, 0) | 1 << self._end
            self._end += 1

    def _wildcard(self, part: str) -> None:
        if part == "?":
            self._one |= 1 << self._end
            self._end += 1
        elif part == "*":
            self._loop_at(is_any=False)
        elif part.startswith("**/"):
            self._any_folders()
        elif part == "/**":
            self._literal(_SLASH)
            self._loop_at(is_any=True)
        else:
            self._loop_at(is_any=True)

    def _any_folders(self) -> None:
        """Any letters and a slash, or nothing."""
        self._skip_one |= 1 << self._end
        self._skip_three |= 1 << self._end
        self._end += 1
        self._loop_at(is_any=True)
        self._literal(_SLASH)

    def _loop_at(self, *, is_any: bool) -> None:
        """Any number of letters."""
        if is_any:
            self._any_loop |= 1 << self._end
        else:
            self._loop |= 1 << self._end
        self._skip_one |= 1 << self._end
        self._end += 1
