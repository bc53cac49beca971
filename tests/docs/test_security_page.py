"""docs/security.md names tests that exist, and is linked from where people begin."""

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ACTORS = (
    "an unauthenticated client",
    "the holder of a captured request",
    "an author of events",
    "the author of a plugin",
    "an agent",
    "an operator",
    "a local user",
    "the owner of Redis",
)


@pytest.mark.parametrize(("file", "name"), NAMED, ids=lambda part: part)
def test_each_test_that_is_named_exists(file: str, name: str) -> None:
    tree = ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in functions


def test_each_actor_has_a_row_and_a_section() -> None:
    for actor in ACTORS:
        assert f"\n| {actor} |" in PAGE
        assert f"\n## {actor[0].upper()}{actor[1:]}\n" in PAGE
    assert len(NAMED) > 30


@pytest.mark.parametrize("page", ["README.md", "docs/deployment.md", "docs/access.md", "docs/receiver.md"])
def test_it_is_linked(page: str) -> None:
    assert re.search(r"\]\((docs/)?security\.md", (REPOSITORY / page).read_text(encoding="utf-8"))


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        file, _, anchor = target.partition("#")
        text = (REPOSITORY / "docs" / file).read_text(encoding="utf-8") if file else PAGE
        headings = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert not anchor or anchor in anchors, target
