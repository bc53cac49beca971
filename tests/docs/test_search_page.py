"""The page about searches keeps up with the code."""

import contextlib
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from vedette.search import Answer, Facts, SearchSyntaxError, lookup_name, parse
from vedette.search.keys import key_names
from vedette.search.matching.issue_states import CHOICES

PAGE = (Path(__file__).parents[2] / "docs/search.md").read_text("utf-8")
# Sentry still takes these spellings, and nobody should learn them.
OLD = {"until_escalating", "until_condition_met", "forever"}
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ROWS = [
    ([str(key) for key in re.findall("`([^`]+)`", cells[0])], cells[2], cells[3])
    for cells in (
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in PAGE.partition("## Keys")[2].partition("## ")[0].splitlines()
        if line.startswith("| `")
    )
]
MARKED = [
    (sample, key.replace("NAME", "beta"), mark)
    for keys, issue, event in ROWS
    for key in keys
    for sample, mark in (("issue.created", issue), ("error.created", event))
    if mark in {"yes", "part", "-"} and key != "is"
]


def test_the_page_lists_every_key() -> None:
    listed = {key for keys, _, _ in ROWS for key in keys}
    assert [key for key in key_names() if key not in listed] == []
    assert [value for value in CHOICES["is"] if value not in OLD and f"`{value}`" not in PAGE] == []


def _mark(answer: Answer) -> str:
    if answer.complete:
        return "yes"
    return "part" if answer.values else "-"


@pytest.mark.parametrize(("sample", "key", "mark"), MARKED)
def test_the_page_tells_what_each_payload_answers(
    facts_for: Callable[..., Facts], sample: str, key: str, mark: str
) -> None:
    assert _mark(facts_for(sample).get(lookup_name(key))) == mark


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_of_the_page_run(example: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(example, "docs/search.md", "exec"), {})  # noqa: S102 - our own page


def test_the_refusal_on_the_page_is_the_one_that_comes() -> None:
    shown = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)[0]
    with pytest.raises(SearchSyntaxError) as caught:
        parse(shown.splitlines()[1])
    assert str(caught.value) == shown


def test_the_searches_on_the_page_can_be_read() -> None:
    syntax = PAGE.partition("## Syntax")[2].partition("## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", syntax, re.MULTILINE)
    searches = [search for cell in cells for search in re.findall("`([^`]+)`", cell) if search != "( )"]
    assert len(searches) > 10
    for search in searches:
        parse(search)
