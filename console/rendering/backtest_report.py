"""Shows the report of a backtest on a terminal."""

from typing import Final

from rich.console import Console
from rich.table import Table

from console.rendering.terminal import inert, make_console
from vedette.rules.backtest.agreement import AgreementOutcome
from vedette.rules.backtest.report import BacktestReport, RuleReport
from vedette.rules.backtest.report_text import agreement_text, caveats_of

_LISTED: Final = 5
"""Disagreements of a rule that the terminal shows."""
_COLUMNS: Final = ("rule", "matches", "same", "other", "nobody", "agreement", "calls")


def print_report(report: BacktestReport) -> None:
    """Print it for people."""
    console = make_console()
    events = ", ".join(f"{count:,} {name}" for name, count in report.events.most_common()) or "no event"
    when = f"{report.begins:%Y-%m-%d} to {report.until:%Y-%m-%d %H:%M} UTC"
    console.print(f"{report.issues:,} issues, {when}; tried on {events}")
    made, fetches = report.taken.total(), report.fetches.total()
    acting = sum(rule.calls for rule in report.rules)
    console.print(f"{made:,} calls made now; production: {fetches:,} to decide, at most {acting:,} to act")
    console.print()
    console.print(_table(report))
    for rule in report.rules:
        _print_rule(console, rule)
    console.print()
    for caveat in caveats_of(report):
        console.print(inert(caveat, "dim"))


def _table(report: BacktestReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, title in enumerate(_COLUMNS):
        table.add_column(title, justify="right" if place else "left", overflow="fold")
    for rule in report.rules:
        counts = [
            rule.outcomes[each]
            for each in (AgreementOutcome.AGREED, AgreementOutcome.DISAGREED, AgreementOutcome.NOBODY)
        ]
        cells = (
            rule.name,
            f"{rule.matches:,}",
            *(f"{count:,}" for count in counts),
            agreement_text(rule),
            f"{rule.calls:,}",
        )
        table.add_row(*map(inert, cells))
    return table


def _print_rule(console: Console, rule: RuleReport) -> None:
    lines = [f"  not tried on {rule.not_tried}"] if rule.not_tried else []
    if rule.unknown:
        keys = ", ".join(f"{key} ({count:,})" for key, count in rule.unknown.most_common(5))
        lines.append(f"  unknown, and so no match, for lack of: {keys}")
    lines += [
        f"  {one.issue}, {one.event} {one.at:%b %d %H:%M}: {one.who} {one.did}, {one.did_at:%b %d %H:%M}"
        for one in rule.disagreements[:_LISTED]
    ]
    more = rule.outcomes[AgreementOutcome.DISAGREED] - _LISTED
    if more > 0:
        lines.append(f"  and {more:,} more: --html FILE or --json lists them")
    if lines:
        console.print(inert(f"\n{rule.name}: would {' and '.join(rule.does) or 'do nothing'}", "bold"))
        for line in lines:
            console.print(inert(line), soft_wrap=True)
