"""Renders a report as one HTML page without scripts or external resources, so that it can be sent and stored.

Titles of errors come from outside, and a colleague opens the page: Jinja escapes every value, control characters are
removed, and a content security policy forbids everything else.
"""

from collections import Counter
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template

from vedette._core.markdown import WebAddress
from vedette._core.printable import printable
from vedette.rules.backtest.report import BacktestReport
from vedette.rules.backtest.report_text import agreement_text, caveats_of
from vedette.rules.backtest.svg_charts import OUTCOME_LABELS, draw_agreement, draw_days, draw_outcomes

_LISTED: Final = 200
"""Disagreements of a rule on the page; the JSON lines have more."""


def render_page(report: BacktestReport) -> str:
    """Render the page."""
    return _template().render(
        report=report,
        style=_read("report.css"),
        figures=_figures(report),
        caveats=caveats_of(report),
        outcome_labels=OUTCOME_LABELS,
        listed=_LISTED,
        agreement_text=agreement_text,
        decimal=_decimal,
        thousands=_thousands,
        # A link comes from Sentry's response: one without http or https could be a script.
        web_address=WebAddress.parse,
        **_charts(report),
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_visible
    )
    return environment.from_string(_read("report.html.j2"))


def _read(file: str) -> str:
    return resources.files("vedette.rules.backtest").joinpath(file).read_text(encoding="utf-8")


def _decimal(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _thousands(value: int) -> str:
    return f"{value:,}"


def _visible(value: object) -> object:
    """Return a value without control characters; Jinja escapes it afterwards."""
    return value if hasattr(value, "__html__") else printable(str(value), multiline=True)


def _figures(report: BacktestReport) -> tuple[tuple[int, str], ...]:
    return (
        (report.issues, "issues"),
        (report.events.total(), "events evaluated"),
        (sum(rule.matches for rule in report.rules), "matches"),
        (sum(rule.calls for rule in report.rules) + report.fetches.total(), "API calls that it would have needed"),
    )


def _charts(report: BacktestReport) -> dict[str, Any]:
    matched = [rule for rule in report.rules if rule.matches]
    if not matched:
        return {"outcomes": None}
    by_day: Counter[str] = Counter()
    for rule in matched:
        by_day.update(rule.by_day)
    return {
        "outcomes": draw_outcomes([(rule.name, rule.outcomes) for rule in matched]),
        "agreement": draw_agreement([(rule.name, rule.agreement) for rule in matched]),
        "days": draw_days(by_day),
    }
