import pytest

from vedette.authoring.event_patterns import UnknownPatternError, check_pattern, matches
from vedette.events import parse, samples
from vedette.events.catalog import known_names

KNOWN = frozenset(known_names())


@pytest.mark.parametrize(
    ("sample", "pattern", "expected"),
    [
        ("issue.created", "issue.created", True),
        ("issue.created", "issue.*", True),
        ("issue.created", "*", True),
        ("issue.created", "issue.resolved", False),
        ("issue.created", "error.*", False),
        ("issue.ignored", "issue.archived", True),
        ("issue.ignored", "issue.ignored", True),
        ("issue.archived", "issue.ignored", True),
    ],
)
def test_a_pattern_asks_for_events(sample: str, pattern: str, expected: bool) -> None:
    event = parse(samples.resource_of(sample), samples.load(sample))
    assert matches([pattern], event, KNOWN) is expected


@pytest.mark.parametrize(("resource", "action"), [("issue", "exploded"), ("starfish", "swam")])
def test_only_the_star_sees_what_nobody_knows(resource: str, action: str) -> None:
    payload = {**samples.load("issue.created"), "action": action}
    event = parse(resource, payload)
    assert matches(["*"], event, KNOWN)
    assert not matches([f"{resource}.*", f"{resource}.{action}"], event, KNOWN)


@pytest.mark.parametrize("pattern", ["issue.created", "issue.*", "*", "issue.ignored", "metric_alert.open"])
def test_a_pattern_that_can_match_is_taken(pattern: str) -> None:
    check_pattern(pattern, KNOWN)


@pytest.mark.parametrize("pattern", ["issue.create", "isue.*", "", "issue", "*.created"])
def test_a_pattern_that_can_never_match_is_refused_with_a_line_to_write(pattern: str) -> None:
    with pytest.raises(UnknownPatternError, match=r"@on\("):
        check_pattern(pattern, KNOWN)
