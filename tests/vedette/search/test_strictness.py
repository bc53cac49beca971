"""In rules and handlers, a search that Sentry accepts and that cannot be meant is refused with the right one."""

import pytest

from vedette.search import SearchSyntaxError, parse
from vedette.search.keys import key_names


@pytest.mark.parametrize(
    ("query", "marked", "expected"),
    [
        ("levl:fatal", "levl", "level, or tags[levl]"),
        ("!lvel:fatal", "lvel", "level, or tags[lvel]"),
        ("Level:fatal", "Level", "level, or"),
        ("platfrom:python", "platfrom", "platform, or"),
        ("enviroment:production", "enviroment", "environment, or"),
        ("is:unresolved titel:x", "titel", "title, or"),
        ("timeSeen:>5", "timeSeen", "timesSeen, or"),
        ("error.handeld:true", "error.handeld", "error.handled, or"),
        ("stack.filenme:x", "stack.filenme", "stack.filename, or"),
        ("has:enviroment", "enviroment", "environment, or"),
        ("level:fatl", "fatl", "one of fatal, error"),
        ("level:ERROR", "ERROR", "one of fatal, error"),
        ("!level:[error, warn]", "warn", "one of fatal, error"),
        ("level:!=eror", "eror", "one of"),
        ("device.class:hi", "hi", "one of high"),
        ("assigned:me", "me", "no person"),
        ("!assigned:[#payments, my_teams]", "my_teams", "no person"),
        ("assigned_or_suggested:me", "me", "no person"),
        ("bookmarks:me", "me", "no person"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_place(query: str, marked: str, expected: str) -> None:
    with pytest.raises(SearchSyntaxError) as caught:
        parse(query, is_strict=True)
    error = caught.value
    assert query[error.position : error.position + error.length] == marked
    assert expected in error.expected


@pytest.mark.parametrize(
    "query",
    [
        "tags[levl]:fatal",
        "has:tags[levl]",
        "level:err* level:* level:[fatal, error]",
        'level:""',
        "os:linux os.name:x browser:x browser.name:x device:x device.family:x device.model:x runtime:x runtime.name:x",
        "url:x server_name:x handled:no mechanism:x site:x interface_type:x client_os:x app:x page:x state:x rate:x",
        "version:1 region:x customer:x tenant:x plan:x service:x stage:x role:x queue:x task:x locale:x db.name:x",
        "assigned:#payments assigned:none assigned:ann@example.com",
    ],
)
def test_tags_and_patterns_are_taken(query: str) -> None:
    assert parse(query, is_strict=True) == parse(query)


@pytest.mark.parametrize("key", [key for key in key_names() if len(key) > 5])
def test_any_long_key_with_a_letter_left_out_is_refused(key: str) -> None:
    written = key[:2] + key[3:]
    if written in key_names():
        return
    with pytest.raises(SearchSyntaxError):
        parse(f"{written}:1", is_strict=True)
