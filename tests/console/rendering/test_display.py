"""Errors of the screen do not end the feed."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.rendering.display import Display, UnfailingConsole


class Full(io.StringIO):
    """A stream on a disk without room."""

    def write(self, text: str) -> int:
        """Refuse."""
        raise OSError(28, f"no room for {len(text)}")


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("closed"), RuntimeError("odd"), UnicodeError("half")])
def test_an_error_while_showing_is_counted_and_the_next_is_shown(error: Exception) -> None:
    display, shown = Display(), list[str]()

    def fail() -> None:
        raise error

    display.attempt(fail)
    display.attempt(lambda: shown.append("next"))
    assert (display.failures, shown) == (1, ["next"])


def test_what_could_not_be_printed_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    console, better = UnfailingConsole(Display()), io.StringIO()
    console.file = Full()
    for _ in range(3):
        console.print("lost")
    console.file = better
    console.print("shown")
    assert better.getvalue() == "shown\n"


def test_up_serves_on_where_nothing_can_be_written(vedette: Any, served: Any, until: Callable[..., Any]) -> None:
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", "console", "up", "--no-console"],
            cwd=vedette.folder,
            env=vedette.environment,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=full,
            start_new_session=True,
        )
    try:
        until(vedette.is_ready)
        for value in ("first", "second"):
            served.create(project="storefront", type="Error", value=value)
        until(lambda: [one["state"] for one in vedette.deliveries()].count("handled") == 2)
        assert process.poll() is None
        assert vedette.is_ready()
    finally:
        process.terminate()
        process.wait(60)
