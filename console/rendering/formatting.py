"""Formats deliveries and outcomes for one line, with the same terms everywhere."""

from collections.abc import Sequence
from datetime import datetime

from vedette._core.printable import printable
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.deliveries.journal import JournalEntry
from vedette.store.runs.run import Run

SECOND = 1000
MINUTE = 60 * SECOND
LONGEST_CELL = 160
"""Letters that a run's notes take in a table; `vedette explain` and `--json` have all of them."""
_WORDS = (
    ("retrying", "failing"),
    ("running", "working"),
    ("queued", "waiting"),
    ("waiting", "waiting"),
    ("dead", "failed"),
    ("quarantined", "failed"),
)
"""State of a run -> state of its delivery; the first match counts."""


def clock(milliseconds: int) -> str:
    """Return a Unix time as the time of day here, `14:03:22`."""
    return datetime.fromtimestamp(milliseconds / 1000).astimezone().strftime("%H:%M:%S")


def date_and_clock(milliseconds: int) -> str:
    """Return a Unix time as date and time here, `2026-11-23 14:03:22`."""
    return datetime.fromtimestamp(milliseconds / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def duration(milliseconds: int) -> str:
    """Return a duration, `48 ms`, `2.3 s` or `4 min`."""
    if milliseconds < SECOND:
        return f"{milliseconds} ms"
    if milliseconds < MINUTE:
        return f"{milliseconds / SECOND:.1f} s"
    return f"{milliseconds // MINUTE} min"


def name_of(resource: str, action: str) -> str:
    """Return `resource.action`, or the resource alone where there is no action."""
    return f"{resource}.{action}" if action else resource


def ended(entry: JournalEntry) -> str:
    """Say what an attempt did or why it did not."""
    did = brief(entry.did)
    if entry.state == "done":
        return did or "nothing to do"
    if entry.state == "dropped":
        return f"dropped: {entry.error}"
    if entry.state == "superseded":
        return "left to a newer event"
    if entry.state == "discarded":
        return "discarded"
    follows = "is tried again" if entry.state == "retrying" else "given up"
    so_far = f" (before: {did})" if did else ""
    return f"{follows} after attempt {entry.attempts}: {entry.error}{so_far}"


def brief(sentences: Sequence[str]) -> str:
    """Return sentences as one cell of a table: as many as are short together, and how many others there are."""
    text = "; ".join(sentences)
    if len(text) <= LONGEST_CELL:
        return text
    shown = 1
    while len("; ".join(sentences[: shown + 1])) <= LONGEST_CELL:
        shown += 1
    text = "; ".join(sentences[:shown])
    if len(text) > LONGEST_CELL:
        text = f"{text[: LONGEST_CELL - 1]}…"
    more = len(sentences) - shown
    return f"{text} (and {more} more: `vedette explain`)" if more else text


def state_of(delivery: DeliverySummary, runs: Sequence[Run]) -> str:
    """Say in one word what became of a delivery: waiting, working, handled, unhandled, failing, failed, quarantined."""
    if delivery.quarantined is not None:
        return "quarantined"
    if delivery.handlers is None:
        return "waiting"
    if not delivery.handlers:
        return "unhandled"
    states = {run.state for run in runs}
    for state, word in _WORDS:
        if state in states:
            return word
    return "handled"


def outcome_of(delivery: DeliverySummary, runs: Sequence[Run]) -> str:
    """Say what the handlers did with a delivery, and how often the same body came before."""
    times = delivery.repetitions
    before = [f"the same body was accepted {times} time{'s' * (times != 1)} before"] if times else []
    return " · ".join([*_outcomes_of(delivery, runs), *before])


def _outcomes_of(delivery: DeliverySummary, runs: Sequence[Run]) -> list[str]:
    if delivery.quarantined is not None:
        return [delivery.quarantined]
    if delivery.handlers == ():
        return [f"no handler asks for it: {printable(delivery.title)}" if delivery.title else "no handler asks for it"]
    parts = [(run.name, said_of(run)) for run in runs]
    return [f"{handler}: {said}" for handler, said in parts if said]


def said_of(run: Run) -> str:
    """Say what a run did, or why it did not; empty while there is nothing to say."""
    if run.state == "superseded":
        return "left to a newer event"
    if run.state == "waiting":
        return run.reason or ""
    if run.error is not None and run.state != "done":
        return run.error
    if run.did:
        events = f" (for {run.coalesced_events} events)" if run.coalesced_events > 1 else ""
        return brief(run.did) + events
    return "nothing to do" if run.state == "done" else ""
