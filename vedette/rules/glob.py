"""Matches file names by patterns of `.gitignore` and CODEOWNERS, in time linear in the name.

File names come from outside, and a regular expression with several `*` may take exponential time on a name that was
made for it. Here a pattern is a nondeterministic automaton of which all states are followed at once, a bit each, so
that every letter of a name is read once.
"""

import re
from typing import Final

_PART: Final = re.compile(r"(?:\*\*/)+|/\*\*$|\*{2,}|\*|\?")
_SLASH: Final = "/"


class Glob:
    """A pattern: anchored if it has a slash inside, for folders only if it ends in a slash.

    `*` and `?` match any letters and any letter but slashes, `**` any letters.
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
        body, position = pattern.strip(_SLASH), 0
        for part in _PART.finditer(body):
            self._literal(body[position : part.start()])
            self._wildcard(part[0])
            position = part.end()
        self._literal(body[position:])
        accepting = 1 << self._end
        # Files within a folder have its owners, so a name may continue after a slash.
        self._literal(_SLASH)
        self._loop_at(is_any=True)
        self._start = self._closed(1)
        self._end = (1 << self._end) | (0 if pattern.endswith(_SLASH) else accepting)

    def matches(self, name: str) -> bool:
        """Return whether the pattern matches a file name."""
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
        """Return the states together with those that are reached without a letter."""
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
        """Match any letters and a slash, or nothing."""
        self._skip_one |= 1 << self._end
        self._skip_three |= 1 << self._end
        self._end += 1
        self._loop_at(is_any=True)
        self._literal(_SLASH)

    def _loop_at(self, *, is_any: bool) -> None:
        """Match any number of letters."""
        if is_any:
            self._any_loop |= 1 << self._end
        else:
            self._loop |= 1 << self._end
        self._skip_one |= 1 << self._end
        self._end += 1
