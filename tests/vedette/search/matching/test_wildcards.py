"""Wildcards: where each literal part may be found, and what is no wildcard."""

import pytest

from vedette.search.matching.wildcards import escaped, literal_parts, loose_test, pattern_test


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        # No character of the value counts twice.
        ("x*ab*ab*y", "xababy", "xaby"),
        ("a*bc*c", "abcc", "abc"),
        ("*ab*ba*", "abba", "aba"),
        # The middle comes after the beginning, and before the end.
        ("ab*b*c", "abbc", "abc"),
        ("*a*b", "ab", "ba"),
    ],
    ids=range(5),
)
def test_parts_follow_each_other_without_overlapping(pattern: str, matching: str, other: str) -> None:
    assert pattern_test(pattern).matches(matching)
    assert not pattern_test(pattern).matches(other)


@pytest.mark.parametrize("text", ["*", "\\*", "\\\\*", "a\\*b*"], ids=range(4))
def test_backslashes_before_an_asterisk_are_kept_by_escaping(text: str) -> None:
    assert literal_parts(escaped(text)) == [text]
    assert pattern_test(escaped(text)).matches(text)
    assert not pattern_test(escaped(text)).matches(text.replace("*", "x"))


def test_short_ids_are_compared_whatever_the_capitals_and_with_wildcards() -> None:
    assert loose_test("shop-4k").matches("SHOP-4K")
    assert not loose_test("shop-4").matches("SHOP-4K")
    assert loose_test("shop-*").matches("SHOP-4K")
    assert not loose_test("shop-*x").matches("SHOP-4K")
