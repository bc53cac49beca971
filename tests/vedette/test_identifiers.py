from hypothesis import given
from hypothesis import strategies as st

from vedette.identifiers import new_identifier

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
