import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette._core.printable import cropped, encodable, error_text, printable, strip_invisible

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Größe 日本語 🚀", "Größe 日本語 🚀"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2028b\nc", "a\\u2028b\\nc"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("half \ud83d pair", "half \\ud83d pair"),
    ],
)
def test_what_would_act_is_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_are_kept_where_several_are_shown() -> None:
    assert printable("one\n\ttwo\r\x1b[31m", multiline=True) == "one\n\ttwo\\r\\x1b[31m"


@given(ANY_TEXT)
def test_no_control_format_or_surrogate_character_passes(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    # Emoji presentation and the marks of scripts stay; numbers of Arabic are letters that `Cf` counts as formats.
    passed = {letter for letter in shown if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}}
    assert not passed


@given(ANY_TEXT)
def test_what_was_made_printable_stays_as_it_is(text: str) -> None:
    once = printable(text)
    assert printable(once) == once


@given(ANY_TEXT)
def test_any_text_can_be_encoded(text: str) -> None:
    encodable(text).encode("utf-8")


def test_a_cropped_text_says_how_much_is_missing() -> None:
    assert cropped("x" * 10, 4) == "xxxx… (6 more characters were left out)"
    assert cropped("x" * 4, 4) == "xxxx"


def test_an_error_whose_text_cannot_be_made_has_one_all_the_same() -> None:
    class Mute(BaseException):
        def __str__(self) -> str:
            raise SystemExit

    assert error_text(Mute()) == "an error without readable text"
    assert error_text(ValueError("bad \ud800")) == "bad \\ud800"


@pytest.mark.parametrize(
    ("text", "shown", "removed"),
    [
        ("plain", "plain", 0),
        ("Größe 日本語 🚀\n\ttwo", "Größe 日本語 🚀\n\ttwo", 0),
        ("\x1b]0;owned\x07", "]0;owned", 2),
        ("a\u202eb\r", "ab", 2),
        ("ok\U000e0041\U000e0042\U000e007f", "ok", 3),
        ("pay\u200bments\u200c\u200d\ufeff", "payments", 4),
        ("half \ud83d pair", "half  pair", 1),
        ("a" + "\u0301" * 10, "a" + "\u0301" * 8, 2),
    ],
)
def test_invisible_characters_are_removed_and_counted(text: str, shown: str, removed: int) -> None:
    stripped = strip_invisible(text)
    assert (stripped.text, stripped.removed) == (shown, removed)


@given(ANY_TEXT)
def test_a_stripped_text_is_printable_and_keeps_all_else(text: str) -> None:
    stripped = strip_invisible(text)
    assert printable(stripped.text, multiline=True) == stripped.text
    assert len(text) == len(stripped.text) + stripped.removed
    assert strip_invisible(stripped.text).removed == 0
