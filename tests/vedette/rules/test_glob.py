"""Patterns of CODEOWNERS match what they say, and look at each letter of a file name once."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.rules.glob import Glob
from vedette.rules.ownership import read_ownership
from vedette.search import Facts

PARTS = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def as_expression(pattern: str) -> "re.Pattern[str]":
    """The same pattern as a regular expression, which is right, and slow on long names."""
    anchored = "/" in pattern.rstrip("/")
    pieces = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", pattern.strip("/"))
    body = "".join(PARTS.get(piece) or re.escape(piece) for piece in pieces)
    after = "/.*" if pattern.endswith("/") else "(?:/.*)?"
    return re.compile(("/?" if anchored else "(?:.*/)?") + body + after)


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("*.ts", "src/a/b.ts", True),
        ("*.ts", "src/a/b.tsx", False),
        ("/src/*.ts", "src/b.ts", True),
        ("/src/*.ts", "src/a/b.ts", False),
        ("src/**/b.ts", "src/b.ts", True),
        ("src/**/b.ts", "src/x/y/b.ts", True),
        ("src/**/b.ts", "src/xb.ts", False),
        ("docs/", "a/docs/b", True),
        ("docs/", "docs", False),
        ("docs/**", "docs/a/b", True),
        ("?.py", "a.py", True),
        ("?.py", "/.py", False),
        ("*", "anything/at/all", True),
    ],
)
def test_patterns_fit_as_in_gitignore(pattern: str, name: str, fits: bool) -> None:
    assert Glob(pattern).matches(name) is fits


@given(
    st.lists(st.sampled_from(["a", "b", ".", "/", "*", "?", "**/", "/**"]), min_size=1, max_size=7).map("".join),
    st.text("ab./", max_size=9),
)
def test_it_is_the_same_as_the_regular_expression(pattern: str, name: str) -> None:
    if "***" not in pattern:
        assert Glob(pattern).matches(name) is bool(as_expression(pattern).fullmatch(name))


class Counted(str):
    """A name that counts how many letters of it are looked at."""

    __slots__ = ("looked_at",)

    def __iter__(self) -> Iterator[str]:
        for letter in str(self):
            self.looked_at = getattr(self, "looked_at", 0) + 1
            yield letter


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*a*a*a*ab", "a" * 20_000),
        ("*.*.*.*.spec.ts", "." * 20_000),
        ("**/a/**/a/**/a/**/b", "a/" * 10_000),
        ("*-*-*-*-*-*-*-*-*.ts", "-" * 20_000),
    ],
)
def test_each_letter_is_looked_at_once_however_many_wildcards(pattern: str, name: str) -> None:
    counted = Counted(name)
    assert not Glob(pattern).matches(counted)
    assert counted.looked_at == len(name)


def test_owners_are_found_by_a_name_that_was_made_to_be_slow() -> None:
    ownership = read_ownership("CODEOWNERS", "* @acme/all\n*a*a*a*a*a*a*a*a*a*ab @acme/one\n", "codeowners")
    assert ownership.owners_of(Facts().with_more({"stack.filename": "a" * 5_000})) == ("#all",)
