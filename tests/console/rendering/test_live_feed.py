"""Which of the things that happen `vedette up` prints."""

import io

from rich.console import Console

from console.rendering.live_feed import LiveFeed
from vedette.store.deliveries.journal import JournalEntry


def lines(*entries: JournalEntry) -> list[str]:
    out = io.StringIO()
    ticker = LiveFeed(Console(file=out, width=200))
    for entry in entries:
        ticker.show(entry)
    return out.getvalue().splitlines()


def test_a_delivery_that_is_kept_apart_is_shown_and_one_that_waits_is_not() -> None:
    waits = JournalEntry("accepted", "d1", "issue.created", "42", 1_795_000_000_000, 0, state="accepted")
    kept_apart = JournalEntry("accepted", "d2", "issue", "", 1_795_000_000_000, 0, state="quarantined")
    (line,) = lines(waits, kept_apart)
    assert "quarantined: see `vedette deliveries`" in line


def test_a_delivery_that_no_handler_asks_for_is_shown() -> None:
    (line,) = lines(JournalEntry("decided", "d1", "garden.grew", "", 1_795_000_000_000, 3, handlers=0))
    assert "no handler asks for it" in line
