"""Text of events is bounded, has no character that is not seen, and says how much was left out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mcp.event_text import LONGEST_VALUE, MOST_CHARACTERS, EventText
from tests.hostile_texts import HOSTILE_TEXTS
from vedette._core.printable import printable

ANY_TEXT = st.text(st.characters(exclude_categories=()))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=15,
)


def strings_of(value: Any) -> list[str]:
    """Return all texts in a value, keys included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for each in value for text in strings_of(each)]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in strings_of(each)]  # pyright: ignore[reportUnknownVariableType]
    return []


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_a_hostile_text_comes_out_bounded_and_visible(name: str) -> None:
    texts = EventText()
    shown = texts.text(HOSTILE_TEXTS[name])
    assert len(shown) <= LONGEST_VALUE
    assert printable(shown, multiline=True) == shown
    # Nothing is lost without being told.
    assert len(shown) + texts.removed + texts.cut == len(HOSTILE_TEXTS[name])


@given(JSON)
def test_any_json_stays_json_without_invisible_characters(value: Any) -> None:
    shown = EventText().json(value)
    json.dumps(shown, allow_nan=False).encode()
    assert [text for text in strings_of(shown) if printable(text, multiline=True) != text] == []


@given(st.lists(st.text(max_size=300), max_size=50))
def test_no_answer_has_more_text_than_it_may(values: list[str]) -> None:
    texts = EventText(1000)
    shown = texts.json(values)
    assert sum(map(len, strings_of(shown))) <= 1000


def test_deep_and_wide_values_are_cut() -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    texts = EventText()
    assert json.dumps(texts.json(deep)).count("[") <= 12
    assert texts.cut == 1
    wide = EventText()
    assert len(wide.json(list(range(10_000)))) == 200
    assert wide.cut == 9_800


def test_the_notes_name_only_what_happened() -> None:
    assert EventText().notes() == {}
    texts = EventText()
    texts.text("a\u202eb" + "x" * LONGEST_VALUE)
    assert texts.notes() == {"removed_characters": 1, "cut_characters": 2}
    assert texts.left == MOST_CHARACTERS - LONGEST_VALUE
