"""The page that is sent to a colleague: nothing in it runs, loads, or breaks out of its place."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile_texts import HOSTILE_TEXTS
from tests.vedette.rules.backtest.conftest import Past
from vedette._core.printable import encodable, printable
from vedette.rules.backtest.agreement import AgreementOutcome
from vedette.rules.backtest.report import BacktestReport, Disagreement, RuleReport
from vedette.rules.backtest.report_html import render_page
from vedette.simulator import Actor
from vedette.simulator.world import builders, transitions
from vedette.simulator.world.people import Assignee

AT = datetime(2026, 10, 4, tzinfo=UTC)
ATTACK = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\"' &"


TAGS = frozenset(
    {"body", "h1", "h2", "h3", "p", "div", "b", "span", "svg", "g", "rect", "line", "text", "title", "circle", "path"}
    | {"table", "thead", "tbody", "tr", "th", "td", "a"}
)
"""What the page is made of."""


def report_with(text: str, link: str = "https://acme.sentry.io/issues/42/") -> BacktestReport:
    rule = RuleReport(text, "triage.toml:1:1", (text,), 2, not_tried=text, matches=3)
    rule.outcomes.update({AgreementOutcome.AGREED: 1, AgreementOutcome.DISAGREED: 1, AgreementOutcome.NOBODY: 1})
    rule.unknown[text] = 1
    rule.by_day.update({"2026-10-01": 1, "2026-10-04": 2})
    rule.disagreements.append(Disagreement("SHOP-1", text, link, "issue.created", AT, text, text, text, AT))
    idle = RuleReport("idle", "triage.toml:9:1", ("resolve",), 1)
    report = BacktestReport(text, AT, AT + timedelta(days=30), [rule, idle], issues=3)
    report.events["issue.created"] = 3
    return report


def test_it_shows_the_figures_and_the_disagreements() -> None:
    page = render_page(report_with("noise"))
    assert "50% of 2 (9-91)" in page
    assert 'href="https://acme.sentry.io/issues/42/"' in page
    assert page.count("<svg") == 3 + 5  # plots, and the key's samples


def test_nothing_of_it_runs_or_is_loaded() -> None:
    page = render_page(report_with(ATTACK))
    assert "<script" not in page
    assert "<img" not in page
    assert not re.search(r"( src=|url\(|@import|<link|<iframe)", page.replace(" src=x", ""))
    assert "default-src 'none'" in page


def test_a_link_that_is_no_web_address_is_none() -> None:
    page = render_page(report_with("noise", link="javascript:alert(1)"))
    assert "javascript:" not in page
    assert "SHOP-1" in page


def test_no_rule_and_no_match_still_make_a_page() -> None:
    assert "No rule matched anything." in render_page(BacktestReport("acme", AT, AT, []))


@given(st.text("<>&;\"'/=!-\\ abé\u202e", max_size=40))
def test_every_text_stays_text(text: str) -> None:
    page = render_page(report_with(text)).removeprefix("<!doctype html>")
    body = page[page.index("<body>") : page.index("</html>")]
    cells = [cell.text for cell in ET.fromstring(body).iter("td") if cell.get("class") == "title"]  # noqa: S314 - ours
    assert [cell or "" for cell in cells] == [printable(text)]


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_texts_are_inert(text: str) -> None:
    page = render_page(report_with(text[:5000], link=text[:5000]))
    page.encode("utf-8")
    assert printable(page, multiline=True) == page
    body = ET.fromstring(page[page.index("<body>") : page.index("</html>")])  # noqa: S314 - ours
    assert {element.tag for element in body.iter()} <= TAGS
    assert all(re.match("https?://", element.get("href", "")) for element in body.iter("a"))


async def test_tags_and_names_of_people_are_inert_in_a_report_on_the_past(past: Past) -> None:
    texts = [encodable(text[:1000]) for text in HOSTILE_TEXTS.values()]
    for number, text in enumerate(texts):
        past.go(days=3)
        issue = past.error(f"Odd{number}", tags=(("page", text), (text, "x")), user=text)
        person = builders.add_member(past.world, f"user{number}@shop.example", text).user
        assert person is not None
        past.go(days=2)
        transitions.assign(past.world, issue, Actor(person), Assignee(person))
    when, then = "!page:nothing !user:nobody", 'then = [{ assign = "#platform" }]'
    report = await past.trial(f'[[rule]]\nname = "all"\non = "issue.created"\nwhen = "{when}"\n{then}\n')
    page = render_page(report)
    assert printable(page, multiline=True) == page
    body = ET.fromstring(page[page.index("<body>") : page.index("</html>")])  # noqa: S314 - ours
    assert {element.tag for element in body.iter()} <= TAGS
    cells = {cell.text for cell in body.iter("td")}
    for text in texts:
        shown = printable(text, multiline=True)
        assert f"{shown} assigned it to {shown}" in cells


def test_long_names_fit_beside_their_bars_and_days_have_numbers() -> None:
    page = render_page(report_with("a rule whose name is much longer than the room that is there for it"))
    assert ">a rule whose name is …<title>a rule whose name is much longer" in page
    assert "2 matches at most, on 2026-10-04" in page
