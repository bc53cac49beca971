"""The settings that each handler's page shows, which the tests run."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "handlers"


def example(name: str) -> dict[str, Any]:
    """The handler's table in its page's example."""
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    return tomllib.loads(re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[0])["handlers"][name]


@pytest.fixture
def settings_on_page() -> Callable[[str], dict[str, Any]]:
    return example
