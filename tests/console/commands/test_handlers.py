"""`vedette handlers` beyond its table."""

from io import StringIO

from rich.console import Console

from console.commands.handlers import print_held
from vedette.store.access.held_calls import HeldCalls


def test_calls_that_are_held_back_are_shown() -> None:
    out = StringIO()
    print_held(Console(file=out), [HeldCalls("sentry.io/acme", "GET", 41.6)])
    assert out.getvalue().startswith("GET calls to sentry.io/acme are held back for another 42 s: Sentry")
    assert "answered 429" in out.getvalue()
