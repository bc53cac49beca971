"""The table of tools in docs/gateway.md is the code's."""

import re
from pathlib import Path

from gateway.mcp.catalog import TOOLS
from gateway.mcp.event_text import LONGEST_VALUE, MOST_CHARACTERS
from gateway.mcp.tool import Hints
from gateway.rest.call_slots import MOST
from gateway.rest.request_body import LONGEST

PAGE = (Path(__file__).parents[2] / "docs/gateway.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<does>[^|]+) \| (?P<needs>[^|]+) \| (?P<hints>[^|]+) \|$", re.MULTILINE)


def described(hints: Hints) -> str:
    if hints.read_only:
        return "reads"
    if not hints.destructive:
        return "adds"
    return "destructive, idempotent" if hints.idempotent else "destructive"


def test_each_tool_is_in_the_table_with_its_needs_and_hints() -> None:
    rows = {row["name"]: row for row in ROW.finditer(PAGE)}
    assert list(rows) == list(TOOLS)
    for name, tool in TOOLS.items():
        assert rows[name]["hints"] == described(tool.hints)
        named = set(re.findall(r"`([\w.]+)`", rows[name]["needs"]))
        assert named <= set(tool.needs)
        if len(tool.needs) <= 1:
            assert named == set(tool.needs)


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"{LONGEST_VALUE:,} characters" in PAGE
    assert f"an answer {MOST_CHARACTERS:,}" in PAGE
    assert f"more than {LONGEST // 1024} kB" in PAGE
    assert f"more than {MOST} calls" in PAGE
