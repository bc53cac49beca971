"""The demonstration, with its store kept while its simulated Sentry starts again."""

from collections.abc import Callable
from typing import Any

import httpx2

OPENING = "refused capture"
"""Of the error that every demonstration begins with."""


def handled(vedette: Any) -> set[str]:
    rows = vedette.deliveries("--resource", "issue", "--limit", "500")
    return {row["issue"] for row in rows if row["action"] == "created" and row["state"] == "handled"}


def opening_issue(vedette: Any) -> str:
    url = (vedette.folder / "state/demonstration/sentry-url").read_text()
    issues = httpx2.get(f"{url}/_simulator/state", trust_env=False).json()["issues"]
    return max((issue["id"] for issue in issues if OPENING in issue["title"]), key=int)


def test_the_second_start_handles_what_it_begins_with(vedette: Any, until: Callable[..., Any]) -> None:
    openings: list[str] = []
    for _ in range(2):
        up = vedette.start("up")
        up.wait_for("webhook URL")
        until(lambda: opening_issue(vedette) in handled(vedette))
        openings.append(opening_issue(vedette))
        assert up.end() == 0
    assert openings[0] != openings[1]
