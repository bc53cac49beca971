"""Dead letters as a table for people, and as JSON objects with stable field names for programs."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from console.rendering.formatting import date_and_clock, name_of
from console.rendering.issue_links import IssueLinks
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import inert, inert_lines
from vedette.admin.dead_groups import DeadGroup, group_of
from vedette.store.runs.dead_letters import DeadLetter

_MOMENTS: Final = frozenset({"accepted", "queued", "ended"})


def letter_object(letter: DeadLetter) -> dict[str, Any]:
    """Return a dead letter as JSON."""
    run, delivery = letter.run, letter.delivery
    return {
        "id": letter.id,
        "delivery": run.delivery,
        "handler": run.handler,
        "put_off": run.deferral,
        "source": run.source,
        "mode": run.mode,
        "state": run.state,
        "resource": delivery.resource,
        "action": delivery.action,
        "subject": delivery.subject,
        "issue": delivery.issue,
        "label": delivery.label,
        "accepted": delivery.accepted,
        "queued": run.queued,
        "ended": run.ended,
        "attempts": run.attempts,
        "deaths": run.crashes,
        "error": run.error,
        "did": list(run.did),
        "trace": run.trace,
    }


def print_letters(console: Console, letters: Sequence[DeadLetter], links: IssueLinks) -> None:
    """Print dead letters, those that ended last first."""

    def issue(letter: DeadLetter) -> Text:
        one = letter.delivery
        return links.text(one.label or "-", integration=one.integration, issue=one.issue)

    columns: list[Column[DeadLetter]] = [
        Column("ended", lambda one: date_and_clock(one.run.ended or 0), heads=True, style="dim"),
        Column("event", lambda one: name_of(one.delivery.resource, one.delivery.action), heads=True),
        Column("issue", issue, heads=True),
        Column("state", lambda one: one.run.state, heads=True, style="red"),
        Column("attempts", lambda one: str(one.run.attempts), justify="right"),
        Column("error", lambda one: one.run.error or "", wraps=True),
        Column("id", lambda one: one.id, style="dim"),
    ]
    print_listing(console, columns, letters)


def group_object(group: DeadGroup) -> dict[str, Any]:
    """Return a group of dead letters as JSON."""
    return {
        "group": group.id,
        "handler": group.handler,
        "error": group.error,
        "count": len(group.letters),
        "first": group.first,
        "last": group.last,
        "ids": [letter.id for letter in group.letters],
    }


def print_groups(console: Console, groups: Sequence[DeadGroup]) -> None:
    """Print groups of dead letters, the largest first, and how one is replayed."""
    columns: list[Column[DeadGroup]] = [
        Column("count", lambda one: str(len(one.letters)), heads=True, justify="right"),
        Column("handler", lambda one: one.handler, heads=True, style="cyan"),
        Column("group", lambda one: one.id, heads=True),
        Column("error", lambda one: one.error, wraps=True, style="red"),
        Column("first", lambda one: date_and_clock(one.first), style="dim"),
        Column("last", lambda one: date_and_clock(one.last), style="dim"),
    ]
    print_listing(console, columns, groups)
    console.print(
        "`vedette dead --group ID` lists the runs of a group, `vedette replay --dead --group ID` runs them again.",
        style="dim",
    )


def print_letter(console: Console, letter: DeadLetter) -> None:
    """Print one dead letter: its fields, the traceback, and the commands for it."""
    for name, value in letter_object(letter).items():
        if value not in (None, "", []) and name != "trace":
            shown = date_and_clock(value) if name in _MOMENTS else value
            console.print(inert(f"{name:>12}  ", "bold") + inert(str(shown)), soft_wrap=True)
    if letter.run.trace:
        console.print()
        console.print(inert_lines(letter.run.trace, "dim"), soft_wrap=True)
    console.print()
    steps = (
        ("look at the event", f"vedette show {letter.run.delivery}"),
        ("run it again", f"vedette replay {letter.run.delivery} --handler {letter.run.handler}"),
        ("run all of this cause again", f"vedette replay --dead --group {group_of(letter.run)}"),
        ("close it for good", f"vedette dead discard {letter.id}"),
    )
    for what, command in steps:
        console.print(inert(f"{what:<28}  ", "dim") + inert(command), soft_wrap=True)
