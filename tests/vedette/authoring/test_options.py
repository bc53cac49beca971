import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette import Retries, on
from vedette._core.durations import UnreadableDurationError, rate, seconds
from vedette.authoring.decorators import registration_of
from vedette.authoring.options import Options, make_options


@pytest.mark.parametrize(
    ("text", "expected"), [(90, 90.0), ("90s", 90.0), ("5m", 300.0), ("1.5h", 5400.0), ("250ms", 0.25), ("7d", 604_800)]
)
def test_durations_are_read(text: str | float, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "5", "m", "5 minutes", "-5m", 0, -1, float("nan"), float("inf"), "0s"])
def test_what_is_no_duration_is_refused_with_an_example(text: str | float) -> None:
    with pytest.raises(UnreadableDurationError, match="5m"):
        seconds(text)


def test_rates_are_read() -> None:
    assert rate("10/m") == (10, 60.0)
    assert rate("100/5m") == (100, 300.0)
    for text in ("10", "0/m", "10/0m", "10/y", "ten/m"):
        with pytest.raises(UnreadableDurationError, match="10/m"):
            rate(text)


@given(st.text(max_size=12))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    for read in (seconds, rate):
        with contextlib.suppress(UnreadableDurationError):
            read(text)


def test_a_handler_carries_its_options() -> None:
    @on("issue.created", retries=3, coalesce="5m", throttle="10/m", concurrency=4, order=False, time_limit=5)
    async def handler() -> None: ...

    registration = registration_of(handler)
    assert registration is not None
    assert registration.options == Options(Retries(attempts=3), False, 300.0, (10, 60.0), 4, 5.0)


def test_options_that_cannot_work_say_so() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        make_options(concurrency=0)
    with pytest.raises(ValueError, match="1 or more"):
        Retries(attempts=0)
    with pytest.raises(UnreadableDurationError):
        Retries(wait="soon")
