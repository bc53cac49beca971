"""The functions return values: programs of every kind call them."""

import re
from pathlib import Path

import pytest

import vedette.admin

MODULES = sorted(Path(vedette.admin.__path__[0]).glob("*.py"))
OUTPUT = re.compile(r"\b(print|exit)\(|SystemExit|sys\.std|import (typer|rich|click|console)|from (typer|rich|console)")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_prints_or_ends_the_process(path: Path) -> None:
    assert OUTPUT.search(path.read_text(encoding="utf-8")) is None
