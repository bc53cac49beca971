"""The page of findings has each of them, and each test that it names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    line for line in (ROOT / "docs/decisions/findings.md").read_text(encoding="utf-8").splitlines() if line[:2] == "| "
][1:]
NUMBERS = {"A": 36, "B": 17, "C": 15, "D": 29}


def test_each_finding_is_there() -> None:
    named = {kind + number for row in ROWS for kind, number in re.findall(r"\b([ABCD])(\d+)\b", row.split("|")[1])}
    assert {f"{kind}{number}" for kind, last in NUMBERS.items() for number in range(1, last + 1)} <= named


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_each_test_that_is_named_exists(row: str) -> None:
    named = re.findall(r"`(tests/[^`]+)`", row.rpartition(" | ")[2])
    assert named
    for each in named:
        path, *names = each.split("::")
        source = (ROOT / path).read_text(encoding="utf-8")
        for name in names:
            assert re.search(rf"\b(def|class) {name}\b", source), each
