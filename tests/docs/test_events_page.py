"""The page about events keeps up with the code."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from vedette.events.catalog import known_names

PAGE = (Path(__file__).parents[2] / "docs/events.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_lists_every_name() -> None:
    assert [name for name in known_names() if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_of_the_page_run(example: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(example, "docs/events.md", "exec"), {})  # noqa: S102 - our own page
