"""docs/reference.md is what the code says."""

import importlib.util
import sys
from pathlib import Path

import pytest

import vedette

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference.md").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="signatures are written as the oldest Python writes them")
def test_the_page_is_what_the_script_renders() -> None:
    spec = importlib.util.spec_from_file_location("render_reference", DOCS / "render_reference.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.render() == PAGE, "run .venv/bin/python docs/render_reference.py"


def test_everything_that_is_exported_is_on_it_and_no_address_of_an_object() -> None:
    for name in vedette.__all__:
        assert f"## `{name}`" in PAGE
    assert " at 0x" not in PAGE
