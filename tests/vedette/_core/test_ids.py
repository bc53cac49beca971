from hypothesis import given
from hypothesis import strategies as st

from vedette._core.ids import IdGenerator, new_identifier

MOMENTS = st.integers(0, 2**48 - 1)


@given(MOMENTS, MOMENTS)
def test_they_sort_by_time(first: int, second: int) -> None:
    if first < second:
        assert new_identifier(first) < new_identifier(second)


@given(MOMENTS)
def test_they_are_26_plain_characters_and_never_the_same(moment: int) -> None:
    one, other = new_identifier(moment), new_identifier(moment)
    assert len(one) == len(other) == 26
    assert one.isalnum()
    assert one == one.lower()
    assert one != other


@given(st.lists(st.integers(0, 3), max_size=50))
def test_those_of_one_process_sort_as_they_were_made_whatever_its_clock_does(moments: list[int]) -> None:
    identifiers = IdGenerator()
    made = [identifiers.new(1_700_000_000_000 + moment) for moment in moments]
    assert made == sorted(set(made))
    if moments and moments == sorted(moments):
        assert made[-1][:9] == new_identifier(1_700_000_000_000 + moments[-1])[:9]
