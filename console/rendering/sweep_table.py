"""Shows a sweep on a terminal: the missing webhooks, the figures of each event, and what cannot be rebuilt."""

import textwrap
from collections import Counter
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.rendering.formatting import date_and_clock
from console.rendering.terminal import inert, inert_lines
from vedette.reconcile.report import NOT_REBUILT, KindFigures, SweepReport

_LISTED: Final = 20
"""Missing webhooks that are listed; `--json` has all."""
_WIDTH: Final = 80
_LONGEST_TITLE: Final = 18
_REASONS: Final = {
    "late": "older than reconcile.max_age",
    "superseded": "undone or replaced since",
    "own": "this integration's own change",
    "unreadable": "the event is gone, or the token may not read it",
}


def print_sweep(console: Console, report: SweepReport) -> None:
    """Print a sweep."""
    begins, until = date_and_clock(report.begins), date_and_clock(report.until)
    console.print(Text(f"{report.integration}: {begins} to {until}", style="bold"))
    if report.missing:
        console.print(_missing(report))
        if len(report.missing) > _LISTED:
            console.print(f"... and {len(report.missing) - _LISTED} more (--json lists all)")
    if report.kinds:
        console.print(_figures(report))
    console.print(_summary(report))
    for name, count in sorted(report.failed.items()):
        why = NOT_REBUILT.get(name) or NOT_REBUILT.get(name.partition(".")[0]) or "it is of a kind that is not rebuilt"
        console.print(inert(f"{count} x {name} failed by Sentry's log and cannot be rebuilt: {why}", "yellow"))
    for name, why in sorted(report.skipped.items()):
        text = textwrap.fill(f"{name} was not compared: {why.rstrip('.')}.", _WIDTH, subsequent_indent="  ")
        console.print(inert_lines(text, "yellow"))
    if report.unwanted:
        text = textwrap.fill(f"No handler asks for {', '.join(report.unwanted)}.", _WIDTH, subsequent_indent="  ")
        console.print(Text(text, style="dim"))
    # As NOT_REBUILT has it in detail.
    console.print(Text("Not looked for: changed or deleted comments, metric alerts, Seer, builds.", style="dim"))


def _missing(report: SweepReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("happened", "event", "issue"):
        table.add_column(title, no_wrap=True)
    table.add_column("title", no_wrap=True, overflow="ellipsis", max_width=_LONGEST_TITLE)
    table.add_column("", no_wrap=True)
    for one in report.missing[:_LISTED]:
        table.add_row(
            inert(date_and_clock(one.happened)[5:], "dim"),
            inert(one.name),
            inert(one.label),
            inert(one.title),
            inert("" if one.rebuilt == "recent" else one.rebuilt, "dim"),
        )
    return table


def _figures(report: SweepReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("event", no_wrap=True)
    done = "would be rebuilt" if report.dry_run else "rebuilt"
    for title in ("in Sentry", "arrived", "missing", done, "left out"):
        table.add_column(title, justify="right", no_wrap=True)
    for name, one in sorted(report.kinds.items()):
        table.add_row(inert(name), *(str(each) for each in _row(one)))
    return table


def _row(one: KindFigures) -> tuple[int, ...]:
    return one.in_sentry, one.arrived, one.missing, one.rebuilt, sum(one.left_out.values())


def _summary(report: SweepReport) -> Text:
    missing, calls = report.number_missing, report.number_of_calls
    effort = f"{calls} calls to Sentry, {report.known} known issues"
    if not missing:
        return Text(f"Nothing is missing ({effort}).", style="green")
    rebuilt = sum(one.rebuilt for one in report.kinds.values())
    left_out: Counter[str] = Counter()
    for one in report.kinds.values():
        left_out.update(one.left_out)
    parts = [f"{rebuilt} {'would be' if report.dry_run else ''} rebuilt".replace("  ", " ")]
    parts += [f"{count} left out: {_REASONS[reason]}" for reason, count in sorted(left_out.items())]
    if report.left:
        parts.append(f"{report.left} left for the next sweep (--all takes all at once)")
    return Text("\n  ".join((f"{missing} missing ({effort}):", *parts)), style="yellow")
