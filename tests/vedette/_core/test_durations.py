import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette._core.durations import UnreadableDurationError, parse_age, parse_duration, parse_rate


@pytest.mark.parametrize(
    ("text", "expected"),
    [(90, 90.0), ("90s", 90.0), ("5m", 300.0), ("1.5h", 5400.0), ("250ms", 0.25), ("7d", 604_800), ("1.5w", 907_200)],
)
def test_durations_are_read(text: str | float, expected: float) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "5", "m", "5 minutes", "-5m", 0, -1, float("nan"), float("inf"), "0s"])
def test_what_is_no_duration_is_refused_with_an_example(text: str | float) -> None:
    with pytest.raises(UnreadableDurationError, match="5m"):
        parse_duration(text)


def test_rates_are_read() -> None:
    assert parse_rate("10/m") == (10, 60.0)
    assert parse_rate("100/5m") == (100, 300.0)
    for text in ("10", "0/m", "10/0m", "10/y", "ten/m"):
        with pytest.raises(UnreadableDurationError, match="10/m"):
            parse_rate(text)


@given(st.text(max_size=12))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    for read in (parse_duration, parse_age, parse_rate):
        with contextlib.suppress(UnreadableDurationError):
            read(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("0s", 0), ("250ms", 250), ("1.5h", 5_400_000), (" 7d ", 604_800_000), ("2w", 1_209_600_000)]
)
def test_ages_are_read_in_milliseconds(text: str, expected: int) -> None:
    assert parse_age(text) == expected


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 minutes", "1y", "٣d"])
def test_a_text_that_is_no_age_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UnreadableDurationError, match="30m, 24h or 7d"):
        parse_age(text)
