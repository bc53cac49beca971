"""Which of the things that happen `vedette up` prints."""

import contextlib
import io
import json

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


def decided(name: str, issue: str, at: int, title: str = "", delivery: str = "d1") -> JournalEntry:
    return JournalEntry("decided", delivery, name, issue, 1_795_000_000_000 + at, 3, title=title)


def test_events_that_no_handler_asks_for_are_counted_after_the_first_of_their_name() -> None:
    found = lines(
        decided("error.created", "42", 0, "KeyError: total"),
        decided("error.created", "43", 1_000),
        decided("issue.assigned", "42", 2_000),
        decided("error.created", "44", 59_000),
        decided("error.created", "45", 60_000, "ValueError"),
        decided("error.created", "46", 130_000),
    )
    assert [line.split(maxsplit=4)[1:3] for line in found] == [
        ["error.created", "42"],
        ["issue.assigned", "42"],
        ["error.created", "45"],
        ["error.created", "46"],
    ]
    assert "no handler asks for it: KeyError: total " in found[0]
    assert "no handler asks for it (2 more since " in found[2]
    assert "): ValueError " in found[2]
    assert "more since" not in found[3]


def test_an_issue_is_called_by_its_short_id_once_an_event_has_named_it() -> None:
    at = 1_795_000_000_000
    found = lines(
        JournalEntry("accepted", "d1", "error.created", "42", at, 0, state="accepted"),
        JournalEntry("accepted", "d2", "issue.created", "42", at, 0, state="accepted"),
        decided("error.created", "42", 0),
        JournalEntry("decided", "d2", "issue.created", "SHOP-1", at, 3, handlers=1),
        JournalEntry("ended", "d2", "issue.created", "SHOP-1", at, 3, "triage", state="done"),
        decided("event_alert.triggered", "42", 0, delivery="d3"),
        decided("installation.created", "", 0, delivery="d4"),
    )
    assert [line.split(maxsplit=4)[2] for line in found] == ["42", "SHOP-1", "SHOP-1", "-"]


def test_programs_read_every_entry() -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        feed = LiveFeed(Console(file=io.StringIO()), as_json=True)
        for at in range(3):
            feed.show(decided("error.created", "42", at, "KeyError"))
    assert [json.loads(line)["title"] for line in out.getvalue().splitlines()] == ["KeyError"] * 3
