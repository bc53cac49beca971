"""Describes deliveries as rows of lists: a state in one word, a sentence, and the handlers that worked on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.rendering.formatting import name_of, outcome_of, said_of, state_of
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.runs.run import Run

_TONES: Final = {
    "acted": "good",
    "proposed": "ask",
    "observed": "calm",
    "denied": "warn",
    "failed": "bad",
    "failing": "warn",
    "quarantined": "bad",
}
_WEIGHT: Final = (
    *("failed", "failing", "acted", "proposed", "denied", "observed", "working", "waiting", "nothing"),
    *("skipped", "discarded"),
)
"""Of the effects of the runs of a delivery, the first one is shown."""


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery in a list."""

    id: str
    accepted: int
    """Unix time in milliseconds."""
    event: str
    issue: str
    """How people call the issue; empty if it is about none."""
    title: str
    state: str
    """Such as `acted`, `nothing`, `failed`, `waiting`."""
    tone: str
    """The colour of the state: `good`, `ask`, `calm`, `warn`, `bad` or empty."""
    sentence: str
    handlers: tuple[str, ...]
    took: int | None
    """Milliseconds from acceptance to its end; None before that."""
    is_rebuilt: bool


def make_row(delivery: DeliverySummary, runs: Sequence[Run]) -> DeliveryRow:
    """Return the row of a delivery."""
    state = word_of(delivery, runs)
    # A single handler is in a column of its own.
    said = said_of(runs[0]) if len(runs) == 1 else outcome_of(delivery, runs)
    return DeliveryRow(
        id=delivery.id,
        accepted=delivery.accepted,
        event=name_of(delivery.resource, delivery.action),
        issue=delivery.label or "" if delivery.issue else "",
        title=delivery.title or "",
        state=state,
        tone=tone_of(state),
        sentence=said or delivery.title or "",
        handlers=delivery.handlers or (),
        took=None if delivery.finished is None else max(0, delivery.finished - delivery.accepted),
        is_rebuilt=bool(delivery.rebuilt),
    )


def tone_of(state: str) -> str:
    """Return the colour of a state; empty for one without."""
    return _TONES.get(state, "")


def word_of(delivery: DeliverySummary, runs: Sequence[Run]) -> str:
    """Return in one word what became of a delivery."""
    if delivery.quarantined is not None:
        return "quarantined"
    if delivery.handlers is None:
        return "waiting"
    words = {word_of_run(run) for run in runs}
    return next((word for word in _WEIGHT if word in words), "nothing" if runs else state_of(delivery, runs))


def word_of_run(run: Run) -> str:
    """Return in one word what became of a run."""
    ended = {
        "dead": "failed",
        "quarantined": "failed",
        "retrying": "failing",
        "running": "working",
        "discarded": "discarded",
    }
    if run.state in ended:
        return ended[run.state]
    if run.state in {"queued", "waiting"}:
        return "waiting"
    return run.effect or "nothing"
