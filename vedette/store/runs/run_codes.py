"""Numbers of the states of runs, by which they are indexed: a state's runs are one range of their handler's index."""

from collections.abc import Sequence
from typing import Final

CODES: Final[dict[str, int]] = {
    name: code
    for code, name in enumerate(
        (
            *("queued", "waiting", "running", "retrying", "dropped", "superseded", "dead", "quarantined", "discarded"),
            *("done", "done acted", "done nothing", "done observed", "done proposed", "done denied", "done failed"),
            "done skipped",
        )
    )
}
"""State, or state and effect -> its number; `_shared.lua` has the same."""
SPAN: Final = 2**43
"""A score in the index is CODE * SPAN + TIME."""


def codes_of(states: Sequence[str]) -> list[int]:
    """Return the numbers of some states, with every effect."""
    return [code for name, code in CODES.items() if name.partition(" ")[0] in states]
