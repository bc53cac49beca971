"""Paths and pages that the guides for contributors name exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md", "docs/decisions/index.md")
MOST_FILES = 5


@pytest.mark.parametrize("page", PAGES)
def test_each_path_that_is_named_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:receiver|vedette|workers|console|handlers|tests|docs)/[\w/.]+)`", text)
    links = [(ROOT / page).parent / link for link in re.findall(r"\]\(([\w/.-]+\.md)\)", text)]
    assert paths or links
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [link for link in links if not link.exists()] == []


def test_the_six_examples_touch_few_files() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = text.partition("| to | touch |")[2].partition("\n\n")[0].splitlines()[2:]
    assert len(rows) == 6
    for row in rows:
        assert 1 <= len(re.findall(r"`(?:receiver|vedette|workers|console|tests|docs)/[\w/.]+`", row)) <= MOST_FILES
