"""What Sentry would refuse is refused, with the place marked and what would be right."""

import pytest

from vedette.search import SearchSyntaxError, parse

# The search, the part that must be marked (empty: something is missing at the end), and a word of the explanation.
REFUSED = [
    ("is:unresolvd", "unresolvd", "one of unresolved"),
    ("is:Unresolved", "Unresolved", "one of unresolved"),
    ("level:error is:[new, ongoing]", "[new, ongoing]", "takes no list"),
    ("is:>new", ">", "without an operator"),
    ("status:open", "open", "one of unresolved"),
    ("issue.priority:urgent", "urgent", "high, medium, low"),
    ("issue.priority:[high, urgent]", "urgent", "high, medium, low"),
    ("issue.priority:>low", ">", "without a comparison"),
    ("release.stage:old", "old", "adopted"),
    ("age:24h", "24h", "-24h"),
    ("age:-24", "-24", "relative time"),
    ("age:-24y", "-24y", "relative time"),
    ("age:-99999w", "-99999w", "relative time"),
    ("age:>-24h", "-24h", "relative time"),
    ("age:[-24h, -48h]", "[-24h, -48h]", "takes no list"),
    ("!age:-24h", "!", "turn the comparison around"),
    ("firstSeen:!=2026-10-04", "f", "turn the comparison around"),
    ("firstSeen:yesterday", "yesterday", "relative time"),
    ("firstSeen:>2026-13-01", "2026-13-01", "2026-10-04"),
    ("firstSeen:>2026-02-30T10:00:00", "2026-02-30T10:00:00", "2026-10-04"),
    ('lastSeen:"2026-10-04"', '"2026-10-04"', "relative time"),
    ("timesSeen:many", "many", "a number"),
    ("timesSeen:>5x", "5x", "a number"),
    ('timesSeen:>"5"', '"5"', "a number"),
    ("timesSeen:>[1, 2]", ">[1, 2]", "without an operator"),
    ("timesSeen:[1, two]", "two", "a number"),
    ("transaction.duration:>5parsecs", "5parsecs", "a duration"),
    ("install_size:>5s", "5s", "a size"),
    ("error.handled:maybe", "maybe", "true, false"),
    ("error.handled:=true", "=", "without an operator"),
    ("error.handled:[true, false]", "[true, false]", "takes no list"),
    ("level:>error", ">", '(">error")'),
    ("message:<=5", "<=", "text"),
    ("browser.version:>10", ">", "text"),
    ("tags[retries]:>3", ">", "text"),
    ("assigned:>me", ">", "comparison"),
    ('assigned:""', '""', "email address"),
    ("release.version:main", "main", "a version"),
    ("release.version:>=4.*", "4.*", "a version"),
    ("release.version:[1.0, 2.0]", "[1.0, 2.0]", "takes no list"),
    ("release.build:>abc", ">", "digits"),
    ("has:", "", "has:user"),
    ("has: user", " ", "has:user"),
    ("has:us*", "us*", "has:user"),
    ("has:[user, release]", "[user,", "has:user"),
    ("has:is", "is", "has:user"),
    ('has:"a b"', '"', "has:user"),
    ("level:", "", 'right after "level:"'),
    ("level: error", " ", 'right after "level:"'),
    ("level:error project:", "", 'right after "project:"'),
    ("(level:)", ")", 'right after "level:"'),
    ("!level:!=error", "!=", "not both"),
    ("!timeout", "!", "a key after !"),
    ("is:new !", "!", "a key after !"),
    ("timeout !retry", "!", "a key after !"),
    ("a != b", "!", "quotes around"),
    ("!(level:error)", "!", "a key after !"),
    ('!"some text"', "!", "a key after !"),
    ("OR level:error", "OR", "before OR"),
    ("level:error OR", "", "after OR"),
    ("level:error AND", "", "after AND"),
    ("and level:error", "and", "before AND"),
    ("a:1 OR OR b:2", "OR", "after OR"),
    ("a:1 AND AND b:2", "AND", "after AND"),
    ("a:1 OR AND b:2", "AND", "after OR"),
    ("(a:1 OR) b:2", ")", "after OR"),
    ("(level:error", "(", "a ) that closes"),
    ("is:new ((level:error)", "(", "a ) that closes"),
    ("(", "(", "a ) that closes"),
    ("level:error)", ")", "a ( before"),
    (")", ")", "before )"),
    ("()", ")", "before )"),
    ("(" * 51 + "a:1" + ")" * 51, "(", "at most 50"),
    ('"no end', '"', "closes"),
    ('title:"no end', '"', "closes"),
    ('title:"one"two', "t", "a space after"),
    ('"one""two"', '"', "a space after"),
    ('title:on"e', '"', "quotes around the whole value"),
    ('on"e', '"', "a space before the quote"),
    ('""', '""', "some text"),
    ('"  "', '"  "', "some text"),
    ("level:[error", "[", "a ] that closes"),
    ("level:[error, ", "[", "a ] that closes"),
    ("level:[]", "]", "commas"),
    ("level:[error,]", "]", "commas"),
    ("level:[,error]", ",", "commas"),
    ("level:[er ror]", "r", "commas"),
    ("level:[error]s", "s", "a space after"),
    ("level:[er(r]", "(", "commas"),
    ('level:["error]', '"', "closes"),
    ("path:C:\\", "\\", "after the backslash"),
    ("path:[C:\\, D]", "\\", "after the backslash"),
    ("some text\\", "\\", "after the backslash"),
    ("count():>5", "count():", "count()"),
    ("!failure_rate():>0.5", "!failure_rate():", "count()"),
    ("tags[a b]:c", "tags[a", "tags[NAME]:value"),
    ("tags[]:c", "tags[]:", "tags[NAME]:value"),
    ("timesSeen:\uf00dcontains\uf00d5", "\uf00dcontains\uf00d5", "plain value"),
]


@pytest.mark.parametrize(
    ("query", "marked", "expected"), REFUSED, ids=[ascii(case[0][:40]).replace("\\", "/") for case in REFUSED]
)
def test_a_search_that_sentry_would_refuse_is_refused_at_its_place(query: str, marked: str, expected: str) -> None:
    with pytest.raises(SearchSyntaxError) as caught:
        parse(query)
    error = caught.value
    assert error.query == query
    assert query[error.position : error.position + error.length] == marked
    assert expected in error.expected
    if not marked:
        assert error.position == len(query)


def test_the_error_points_at_the_place() -> None:
    with pytest.raises(SearchSyntaxError) as caught:
        parse("level:error is:opened")
    assert str(caught.value).splitlines() == [
        f"cannot read this search, column 16: expected {caught.value.expected}",
        "level:error is:opened",
        "               ^^^^^^",
    ]


def test_the_error_shows_only_the_line_that_is_wrong() -> None:
    with pytest.raises(SearchSyntaxError) as caught:
        parse("level:error\n\tis:opened\nis:new")
    assert (caught.value.line, caught.value.column) == (2, 5)
    assert str(caught.value).startswith("cannot read this search, line 2, column 5: ")
    assert caught.value.marked == " is:opened\n    ^^^^^^"


def test_a_missing_end_is_marked_behind_the_search() -> None:
    with pytest.raises(SearchSyntaxError) as caught:
        parse("level:error OR")
    assert caught.value.marked == "level:error OR\n              ^"


def test_of_a_long_search_only_the_part_around_the_place_is_shown() -> None:
    with pytest.raises(SearchSyntaxError) as caught:
        parse("level:error " * 500 + "is:opened " + "level:error " * 500)
    shown, carets = caught.value.marked.splitlines()
    assert len(shown) <= 120
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "opened"
