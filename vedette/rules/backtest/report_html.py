"""The report as one page of HTML: nothing to load and no scripts, so that it can be sent to a colleague and kept."""

from collections import Counter
from importlib import resources
from typing import Final

from vedette._core.markdown import WebAddress
from vedette.rules.backtest.agreement import AgreementOutcome
from vedette.rules.backtest.markup import Markup, element, joined
from vedette.rules.backtest.report import BacktestReport, Disagreement, RuleReport
from vedette.rules.backtest.report_text import caveats, figure_of
from vedette.rules.backtest.svg_charts import SHOWN, agreement_bars, day_columns, outcome_bars

_LISTED: Final = 200
"""Disagreements of a rule on the page; more do not make it more convincing."""


def render_page(report: BacktestReport) -> str:
    """The whole page."""
    style = resources.files("vedette.rules.backtest").joinpath("page.css").read_text(encoding="utf-8")
    # Were a title to break out of its place all the same, nothing on the page may load or run anything.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = joined(
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="robots" content="noindex">'),
        element("title", f"Rules tried on {report.organization}"),
        element("style", Markup(style)),
    )
    body = joined(*_top(report), *_plots(report), *_rules(report))
    return "<!doctype html>\n" + element("html", element("head", head), element("body", body), lang="en") + "\n"


def _top(report: BacktestReport) -> list[Markup]:
    source = "issues" if report.source == "issues" else "recorded deliveries"
    when = f"{report.begins:%d %B %Y} to {report.until:%d %B %Y, %H:%M} UTC"
    figures = (
        (f"{report.issues:,}", "issues"),
        (f"{report.events.total():,}", "events tried"),
        (f"{sum(rule.matches for rule in report.rules):,}", "matches"),
        (f"{sum(rule.calls for rule in report.rules) + report.fetches.total():,}", "API calls it would have cost"),
    )
    return [
        element("h1", f"Rules tried on the past of {report.organization}"),
        element("p", f"On {source}, {when}. Nothing was changed in Sentry.", class_="soft"),
        element(
            "div", *(element("div", element("b", n), what, class_="figure") for n, what in figures), class_="figures"
        ),
        *(element("p", caveat, class_="note") for caveat in caveats(report)),
    ]


def _plots(report: BacktestReport) -> list[Markup]:
    tried = [rule for rule in report.rules if rule.matches]
    if not tried:
        return [element("p", "No rule matched anything.")]
    by_day: Counter[str] = Counter()
    for rule in tried:
        by_day.update(rule.by_day)
    return [
        element("h2", "What people did about the same issues"),
        _key(),
        outcome_bars([(rule.name, rule.outcomes) for rule in tried]),
        element("h2", "Agreement"),
        element(
            "p",
            "Of matches that people acted on too. Lines: where the true figure lies, 95 of 100 times.",
            class_="soft",
        ),
        agreement_bars([(rule.name, rule.agreement) for rule in tried]),
        element("h2", "Matches by day"),
        day_columns(by_day),
    ]


def _key() -> Markup:
    def sample(outcome: AgreementOutcome) -> Markup:
        return element("svg", element("rect", class_=str(outcome), width=12, height=12), width=12, height=12)

    return element("div", *(element("span", sample(o), words) for o, words in SHOWN.items()), class_="key")


def _rules(report: BacktestReport) -> list[Markup]:
    head = _row("th", ("rule", "matches", "same", "other", "nobody", "agreement", "calls"), numbers_from=1)
    rows = [_row("td", _cells(rule), numbers_from=1) for rule in report.rules]
    return [
        element("h2", "Rules"),
        element("table", element("thead", head), element("tbody", *rows)),
        *(part for rule in report.rules for part in _rule(rule)),
    ]


def _cells(rule: RuleReport) -> tuple[str, ...]:
    counts = [
        rule.outcomes[each] for each in (AgreementOutcome.AGREED, AgreementOutcome.DISAGREED, AgreementOutcome.NOBODY)
    ]
    return (rule.name, f"{rule.matches:,}", *(f"{count:,}" for count in counts), figure_of(rule), f"{rule.calls:,}")


def _row(name: str, cells: tuple[str, ...], *, numbers_from: int) -> Markup:
    return element(
        "tr",
        *(element(name, cell, class_="number" if place >= numbers_from else None) for place, cell in enumerate(cells)),
    )


def _rule(rule: RuleReport) -> list[Markup]:
    does = " and ".join(rule.does) or "nothing"
    parts = [element("h3", rule.name), element("p", f"Would {does}. {rule.place}", class_="soft")]
    if rule.not_tried:
        parts.append(element("p", f"Not tried on {rule.not_tried}.", class_="note"))
    if rule.unknown:
        keys = ", ".join(f"{key} ({count:,})" for key, count in rule.unknown.most_common(5))
        parts.append(element("p", f"Could not be told, and so no match, for lack of: {keys}.", class_="note"))
    if rule.disagreements:
        parts.append(_disagreements(rule))
    return parts


def _disagreements(rule: RuleReport) -> Markup:
    count, listed = rule.outcomes[AgreementOutcome.DISAGREED], rule.disagreements[:_LISTED]
    said = f"{count:,} times people did something else" + (f"; the first {_LISTED}:" if count > len(listed) else ":")
    head = _row("th", ("issue", "title", "event", "people", "when"), numbers_from=9)
    rows = element("tbody", *map(_disagreement, listed))
    return joined(element("p", said), element("table", element("thead", head), rows))


def _disagreement(one: Disagreement) -> Markup:
    # A link comes from Sentry's answer: anything but a web address would be a script.
    address = WebAddress.of(one.link)
    name = joined(one.issue) if address is None else element("a", one.issue, href=address, rel="noreferrer")
    return element(
        "tr",
        element("td", name),
        element("td", one.title, class_="title"),
        element("td", f"{one.event}, {one.at:%d %b %H:%M}"),
        element("td", f"{one.who} {one.did}"),
        element("td", f"{one.did_at:%d %b %H:%M}"),
    )
