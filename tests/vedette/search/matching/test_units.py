"""Only counts may be negative."""

from vedette.search.matching.units import read_count, read_duration, read_size


def test_durations_and_sizes_have_no_sign() -> None:
    assert read_count("-5k") == -5000
    assert read_duration("5s") == 5000
    assert read_duration("-5s") is None
    assert read_size("5kb") == 5000
    assert read_size("-5kb") is None
