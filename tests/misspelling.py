"""Names with one letter wrong, for tests that nothing takes such a name in silence.

With VEDETTE_FULL=1 every letter of each name is changed, dropped and swapped with the next; otherwise a few of each.
"""

import os
import random
from collections.abc import Collection, Iterator

IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
_FEW = 2
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspelt(name: str, known: Collection[str] = ()) -> list[str]:
    """Return the name with one letter wrong, without those that are in `known`."""
    chance = random.Random(name)  # noqa: S311 - the same misspellings each time
    found: dict[str, None] = {}
    for kind in (_changed, _dropped, _swapped):
        ways = [each for each in kind(name, chance) if each and each != name and each not in known]
        found |= dict.fromkeys(ways if IN_FULL else chance.sample(ways, min(_FEW, len(ways))))
    return list(found)


def _changed(name: str, chance: random.Random) -> Iterator[str]:
    for place, letter in enumerate(name):
        letters = _LETTERS.upper() if letter.isupper() else _LETTERS
        other = chance.choice([each for each in letters if each != letter])
        yield f"{name[:place]}{other}{name[place + 1 :]}"


def _dropped(name: str, chance: random.Random) -> Iterator[str]:
    del chance
    for place in range(len(name)):
        yield name[:place] + name[place + 1 :]


def _swapped(name: str, chance: random.Random) -> Iterator[str]:
    del chance
    for place in range(len(name) - 1):
        yield f"{name[:place]}{name[place + 1]}{name[place]}{name[place + 2 :]}"
