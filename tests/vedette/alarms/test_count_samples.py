from hypothesis import given
from hypothesis import strategies as st

from vedette.alarms.count_samples import SPACING, CountSample, CountSamples

HOUR = 3_600_000


def samples(*pairs: tuple[int, dict[str, int]]) -> CountSamples:
    found = CountSamples()
    for at, counts in pairs:
        found = found.after(CountSample(at, counts), HOUR)
    return found


def test_growth_is_counted_from_the_beginning_of_the_window() -> None:
    found = samples((0, {"a": 5}), (60_000, {"a": 7}), (600_000, {"a": 9}), (700_000, {"a": 10}))
    assert found.growth(["a"], 600_000) == 3
    assert found.growth(["a"], 100_000) == 1


def test_what_was_counted_before_the_first_sample_is_not_growth() -> None:
    assert CountSamples().growth(["a"], HOUR) == 0
    assert samples((0, {"a": 500})).growth(["a"], HOUR) == 0


def test_a_counter_that_began_meanwhile_counts_whole_and_one_that_is_gone_not_at_all() -> None:
    found = samples((0, {"old": 4}), (60_000, {"new": 3}))
    assert found.growth(["old", "new"], HOUR) == 3


def test_a_clock_that_was_set_back_begins_anew() -> None:
    found = samples((HOUR, {"a": 1}), (60_000, {"a": 2}))
    assert [one.at for one in found.samples] == [60_000]


@given(st.lists(st.tuples(st.integers(1, 120_000), st.integers(0, 5)), min_size=1, max_size=80))
def test_growth_is_never_less_than_what_happened_in_the_window_nor_much_older(steps: list[tuple[int, int]]) -> None:
    at, total, history, found = 0, 0, list[tuple[int, int]](), samples((0, {"a": 0}))
    for wait, more in steps:
        at, total = at + wait, total + more
        history.append((at, more))
        found = found.after(CountSample(at, {"a": total}), HOUR)
        assert len(found.samples) <= HOUR // SPACING + 4
    window = 600_000
    within = sum(more for moment, more in history if moment > at - window)
    # The sample that the window is counted from may be older by what lies between two samples.
    longest = max(wait for wait, _ in steps) + SPACING
    around = sum(more for moment, more in history if moment > at - window - longest)
    assert within <= found.growth(["a"], window) <= around
