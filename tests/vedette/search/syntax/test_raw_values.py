"""How single values are compared: wildcards, numbers, moments, versions."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.search.facts.answers import answer_of
from vedette.search.matching.dates import date_test, moment_of, read_moment, read_relative
from vedette.search.matching.releases import order_of, split_release, version_test
from vedette.search.matching.units import Compared, read_count, read_duration, read_size
from vedette.search.matching.wildcards import Exactly, escaped, literal_parts, message_test, pattern_test

MOMENTS = st.datetimes().filter(lambda moment: 1 < moment.year < 9999)
LETTERS = st.text("ab*\\.", max_size=12)


@given(LETTERS, st.text("ab*\\.", max_size=20))
def test_wildcards_match_what_the_regular_expression_would(pattern: str, text: str) -> None:
    parts = literal_parts(pattern)
    as_regex = re.compile(".*".join(re.escape(part) for part in parts), re.DOTALL)
    assert pattern_test(pattern).matches(text) == (as_regex.fullmatch(text) is not None)


@given(st.text(max_size=20))
def test_an_escaped_text_is_a_pattern_for_itself_alone(text: str) -> None:
    assert literal_parts(escaped(text)) == [text]
    assert pattern_test(escaped(text)).matches(text)


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("Safari 11*", "safari 11.0.2", "My Safari 11"),
        ("*Timeout", "ReadTimeout", "TimeoutError"),
        ("a*b*a", "aba", "ab"),
        ("a*a", "aa", "a"),
        (r"a\*b", "a*b", "axb"),
        (r"C:\dir\\*", "C:\\dir\\file", "C:\\dir"),
        (r"C:\dir", "C:\\dir", "C:dir"),
        ("*", "anything", None),
        ("Chrome", "Chrome", "chrome"),
    ],
    ids=range(9),
)
def test_wildcards_and_backslashes_read_as_documented(pattern: str, matching: str, other: str | None) -> None:
    test = pattern_test(pattern)
    assert test.matches(matching)
    assert other is None or not test.matches(other)


def test_a_hostile_pattern_takes_no_time() -> None:
    assert not pattern_test("*a" * 200 + "*b").matches("a" * 20_000)


def test_messages_are_searched_for_a_part_unless_wildcards_say_where() -> None:
    assert message_test("undefined").matches("Undefined is not an object")
    assert not message_test("undefined*").matches("x is undefined")
    assert message_test(r"\*").matches("2 * 2")


def test_values_of_other_types_are_compared_as_text() -> None:
    assert Exactly("7").matches(7)
    assert Exactly("true").matches(True)
    assert not Compared("=", 7).matches("seven")
    assert Compared("=", 7).matches("7")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("-5", -5),
        ("5.", 5),
        ("1.5k", 1500),
        ("2m", 2_000_000),
        ("1B", 10**9),
        ("9007199254740993", 9007199254740993),
    ],
)
def test_counts(text: str, number: float) -> None:
    assert read_count(text) == number


@pytest.mark.parametrize("text", ["", "k", "1e5", "5s", "٣", "+5", "1" * 50, "1.5.2"], ids=range(8))
def test_what_is_no_count(text: str) -> None:
    assert read_count(text) is None


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("500", 500),
        ("500ms", 500),
        ("2s", 2000),
        ("1m", 60000),
        ("1min", 60000),
        ("1.5h", 5400000),
        ("1hr", 3600000),
        ("1d", 86400000),
        ("2day", 172800000),
        ("1w", 604800000),
        ("1wk", 604800000),
    ],
)
def test_durations(text: str, milliseconds: float) -> None:
    assert read_duration(text) == milliseconds


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8bit", 1),
        ("5nb", 5),
        ("5bytes", 5),
        ("1kb", 1000),
        ("1KiB", 1024),
        ("2.5mb", 2_500_000),
        ("1gib", 1024**3),
        ("1yb", 10**24),
    ],
)
def test_sizes(text: str, size: float) -> None:
    assert read_size(text) == size
    assert read_duration("5kb") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-24h", (">=", 86_400)), ("+7d", ("<=", 604_800)), ("-1w", (">=", 604_800)), ("+30m", ("<=", 1800))],
)
def test_relative_times(text: str, expected: tuple[str, float]) -> None:
    assert read_relative(text) == expected


@pytest.mark.parametrize("text", ["24h", "-24", "-h", "-1y", "--1h", "-1.5h", "-99999999999999999999h", "-9999w"])
def test_what_is_no_relative_time(text: str) -> None:
    assert read_relative(text) is None


@given(MOMENTS, st.integers(-14, 14))
def test_moments_are_read_with_their_zone(moment: datetime, hours: int) -> None:
    written = f"{moment.isoformat(timespec='microseconds')}{hours:+03d}:00"
    expected = moment.replace(tzinfo=UTC) - timedelta(hours=hours)
    read = read_moment(written)
    assert read is not None
    assert read == ((expected - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1), False)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_moments_at_the_ends_of_the_calendar_do_not_overflow(text: str) -> None:
    assert read_moment(text) is not None


@pytest.mark.parametrize(
    "text", ["2026", "2026-1-1", "2026-02-30", "2026-01-01T25:00:00", "2026-01-01 00:00:00", "2026-01-01T10:00"]
)
def test_what_is_no_moment(text: str) -> None:
    assert read_moment(text) is None
    assert moment_of(text) is None


def test_a_day_is_all_of_it_and_a_moment_a_few_minutes() -> None:
    day = date_test("", 86_400.0, whole_day=True)
    assert [day.matches(moment) for moment in (86_399.9, 86_400, 172_799.9, 172_800)] == [False, True, True, False]
    moment = date_test("", 86_400.0, whole_day=False)
    assert [moment.matches(86_400 + shift) for shift in (-301, -300, 359, 360)] == [False, True, True, False]


def test_versions_are_ordered_as_semver_says() -> None:
    ordered = (
        "0.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 "
        "1.0.0 1.0.1 1.2 1.10 2.0.0.1"
    )
    orders = [order_of(version) for version in ordered.split()]
    assert None not in orders
    assert sorted(orders, key=lambda order: order or ((), False, ())) == orders
    assert order_of("1") == order_of("1.0.0.0")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("ferry-api@4.18.1", ("ferry-api", "4.18.1", None)),
        ("ferry-api@4.18.1-rc.1+551", ("ferry-api", "4.18.1-rc.1", "551")),
        ("4.18.1", (None, "4.18.1", None)),
        ("a1b2c3d4e5f6", (None, None, None)),
        ("ferry-api@a1b2c3d", ("ferry-api", None, None)),
        ("", (None, None, None)),
    ],
)
def test_names_of_releases_are_taken_apart(name: str, parts: tuple[str | None, ...]) -> None:
    assert split_release(name) == parts


@pytest.mark.parametrize(
    ("operator", "version", "name", "expected"),
    [
        (">", "7.8", "app@7.8.1", True),
        (">", "7.8", "app@7.8", False),
        ("=", "1.2.*", "app@1.2.9-rc.1", True),
        ("=", "1.2.*", "app@1.20.0", False),
        ("=", "*", "app@1.20.0", True),
        ("=", "app@1.*", "other@1.0", False),
        ("=", "app@1.*", "app@1.0", True),
        ("<", "2.0.0", "app@2.0.0-beta", True),
        (">", "1.0", "main", False),
        ("=", "1.0", "app@main", False),
        (">=", "1.0+5", "app@1.0+4", True),
    ],
)
def test_releases_are_compared_by_version(operator: str, version: str, name: str, expected: bool) -> None:
    test = version_test(operator, version)
    assert test is not None
    assert test.matches(name) is expected


@pytest.mark.parametrize("text", ["", "main", "v1.0", "@1.0", "1.2.3.4.5", "1..2", "app@", "1.*.2"])
def test_what_is_no_version(text: str) -> None:
    assert version_test("=", text) is None


@given(st.text(max_size=30))
def test_no_name_of_a_release_is_too_strange(name: str) -> None:
    split_release(name)
    order_of(name)
    version_test("=", name)


@pytest.mark.parametrize("value", [None, "", [], [""], [None], {}, float("nan"), object()])
def test_empty_values_are_absent(value: object) -> None:
    assert answer_of(value) == ((), True)


def test_values_that_cannot_be_compared_are_left_out() -> None:
    assert answer_of([1, "a", None, True]) == ((1, "a", True), True)
