"""A listing is readable at any width: a table where it fits, else records."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from console.rendering.issue_links import IssueLinks
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import InertConsole, options_for
from vedette.settings.settings import IntegrationSettings, Settings

Row = tuple[str, str, str, str]
COLUMNS: list[Column[Row]] = [
    Column("when", lambda row: row[0], heads=True),
    Column("event", lambda row: row[1], heads=True),
    Column("what was done", lambda row: row[2], wraps=True),
    Column("delivery", lambda row: row[3]),
]
ROW: Row = (
    "2026-11-27 23:21:46",
    "issue.unresolved",
    "RuntimeError: the berth of the ferry is taken, and nobody has said until when it will be so",
    "01m8fz7r0a9b8c7d6e5f4g3h2j:triage",
)


def shown(rows: list[Row], width: int, *, terminal: bool = True) -> list[str]:
    out = io.StringIO()
    console = InertConsole(file=out, width=width, force_terminal=terminal, color_system=None, highlight=False)
    print_listing(console, COLUMNS, rows)
    return out.getvalue().splitlines()


def test_at_140_columns_it_is_a_table() -> None:
    lines = shown([ROW, ROW], 140)
    assert lines[0].split() == ["when", "event", "what", "was", "done", "delivery"]
    assert lines[1].startswith("2026-11-27 23:21:46  issue.unresolved  RuntimeError: the berth")
    assert "01m8fz7r0a9b8c7d6e5f4g3h2j:triage" in lines[1]


def test_at_80_columns_it_is_records_with_each_value_whole() -> None:
    assert shown([ROW], 80) == [
        "2026-11-27 23:21:46  issue.unresolved",
        "    what was done  RuntimeError: the berth of the ferry is taken, and nobody has",
        "                   said until when it will be so",
        "    delivery       01m8fz7r0a9b8c7d6e5f4g3h2j:triage",
    ]


def test_what_is_short_is_a_table_at_80_columns_too() -> None:
    lines = shown([("23:21", "issue.created", "assigned", "01m8")], 80)
    assert lines[0].startswith("when")
    assert len(lines) == 2


def test_in_a_file_no_sentence_is_broken_that_the_width_has_room_for() -> None:
    (line,) = (line for line in shown([ROW], 160, terminal=False) if "RuntimeError" in line)
    assert "and nobody has said until when it will be so" in line


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=120)] * 4),
        max_size=4,
    ),
    st.integers(40, 200),
    st.booleans(),
)
def test_no_line_is_longer_than_the_width(rows: list[Any], width: int, terminal: bool) -> None:
    for line in shown(rows, width, terminal=terminal):
        assert cell_len(line.rstrip()) <= width


@pytest.mark.parametrize(("columns", "width"), [("100", 100), ("7", 40), ("many", 160), ("", 160), ("²", 160)])
def test_a_pipe_is_as_wide_as_columns_says(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert options_for(stderr=False)["width"] == width


def test_an_issue_is_a_link_where_its_organization_is_known() -> None:
    known = IntegrationSettings.model_validate({"client_secret": ["s" * 40], "organization": "acme"})
    links = IssueLinks(Settings.model_construct(integrations={"default": known}))
    assert links.url("default", "42") == "https://sentry.io/organizations/acme/issues/42/"
    out = io.StringIO()
    console = InertConsole(file=out, width=80, force_terminal=True, legacy_windows=False, color_system="standard")
    console.print(links.text("SHOP-4K", integration="default", issue="42"))
    assert "\x1b]8;" in out.getvalue()
    assert "https://sentry.io/organizations/acme/issues/42/" in out.getvalue()
    for integration, issue in (("other", "42"), ("default", None), ("default", "4/../2"), ("default", "٤٢")):
        assert links.url(integration, issue) == ""
        assert links.text("SHOP-4K", integration=integration, issue=issue).plain == "SHOP-4K"
    assert IssueLinks().url("default", "42") == ""
