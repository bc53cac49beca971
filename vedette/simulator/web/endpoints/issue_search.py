"""Sentry's issue search, as far as a triage bot's queries go; terms it does not know never match by accident.

Written independently of `vedette.search`, which is tested against it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from vedette.simulator.serializers.dates import parse
from vedette.simulator.web.call import bad_request
from vedette.simulator.web.endpoints.issue_validation import SUBSTATUSES

if TYPE_CHECKING:
    from datetime import datetime

    from vedette.simulator.world.issues import Issue
    from vedette.simulator.world.world import World

Test = Callable[["Issue"], bool]

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_IS: dict[str, Test] = {
    "unresolved": lambda issue: issue.status == "unresolved",
    "resolved": lambda issue: issue.status == "resolved",
    "ignored": lambda issue: issue.status == "ignored",
    "archived": lambda issue: issue.status == "ignored",
    "assigned": lambda issue: issue.assignee is not None,
    "unassigned": lambda issue: issue.assignee is None,
    "for_review": lambda issue: issue.in_inbox and issue.status == "unresolved",
    "linked": lambda issue: bool(issue.links or issue.tracker_links),
    "unlinked": lambda issue: not (issue.links or issue.tracker_links),
}
_SUBSTATUSES = tuple(name for names in SUBSTATUSES.values() for name in names)
_TEXTS: dict[str, Callable[[Issue], str | None]] = {
    "level": lambda issue: issue.level,
    "project": lambda issue: issue.project.slug,
    "platform": lambda issue: issue.report.platform,
    "logger": lambda issue: issue.report.logger,
    "issue": lambda issue: issue.short_id,
    "issue.priority": lambda issue: issue.priority,
    "priority": lambda issue: issue.priority,
    "issue.type": lambda issue: issue.report.issue_type,
    "issue.category": lambda issue: issue.report.issue_category,
    "error.type": lambda issue: issue.report.type,
    "error.value": lambda issue: issue.report.value,
    "title": lambda issue: issue.title,
    "message": lambda issue: issue.title,
    "culprit": lambda issue: issue.report.culprit,
    "transaction": lambda issue: issue.report.transaction,
    "environment": lambda issue: issue.report.environment,
    "release": lambda issue: issue.last_release,
    "firstRelease": lambda issue: issue.first_release,
}
_DATES: dict[str, Callable[[Issue], datetime]] = {
    "firstSeen": lambda issue: issue.first_seen,
    "age": lambda issue: issue.first_seen,
    "lastSeen": lambda issue: issue.last_seen,
}
_NUMBERS: dict[str, Callable[[Issue], int]] = {
    "times_seen": lambda issue: issue.count,
    "timesSeen": lambda issue: issue.count,
    "users_seen": lambda issue: len(issue.users),
}


def search_test(world: World, query: str) -> Test:
    """Return a test of whether an issue is found by `query`.

    Raises:
        ApiError: 400 for a query that cannot be read.
    """
    try:
        words = shlex.split(query)
    except ValueError as error:
        raise bad_request(f"Error parsing search query: {error}") from error
    tests = [_word(world, word) for word in words]
    return lambda issue: all(test(issue) for test in tests)


def _word(world: World, word: str) -> Test:
    negated, word = word.startswith("!"), word.removeprefix("!")
    if negated and word == "has:assigned":
        # Seen on a Sentry 23.7.1: issues without an assignee are found by `is:unassigned`.
        return lambda _: False
    key, colon, value = word.partition(":")
    test = _term(world, key, value) if colon and key else _free_text(word)
    return (lambda issue: not test(issue)) if negated else test


def _free_text(text: str) -> Test:
    lowered = text.lower()
    return lambda issue: lowered in issue.title.lower() or lowered in issue.report.culprit.lower()


def _term(world: World, key: str, value: str) -> Test:
    special: dict[str, Callable[[], Test]] = {
        "is": lambda: _state(value),
        "has": lambda: _has(value),
        "assigned": lambda: _assigned(world, value),
        "assigned_or_suggested": lambda: _assigned(world, value),
        "id": lambda: lambda issue: str(issue.id) == value,
    }
    if key in special:
        return special[key]()
    if key in _DATES:
        return _date(world, _DATES[key], value, key)
    if key in _NUMBERS:
        return _number(_NUMBERS[key], value)
    return _any_of(_text_reader(key), value)


def _text_reader(key: str) -> Callable[[Issue], str | None]:
    """Return what reads a field, or a tag of that name."""

    def tag(issue: Issue) -> str | None:
        return dict(issue.report.tags).get(key)

    return _TEXTS.get(key, tag)


def _state(value: str) -> Test:
    if value in _IS:
        return _IS[value]
    if value in _SUBSTATUSES:
        return lambda issue: issue.substatus == value
    raise bad_request(f'Invalid value for "is" search, valid values are {sorted([*_IS, *_SUBSTATUSES])}')


def _has(value: str) -> Test:
    if value in {"assignee", "assigned"}:
        return _IS["assigned"]
    read = _text_reader(value)
    return lambda issue: bool(read(issue))


def _assigned(world: World, value: str) -> Test:
    if value == "none":
        return _IS["unassigned"]
    team = world.find_team(value.removeprefix("#"))
    user = world.user_by_name.get(value)
    return lambda issue: issue.assignee is not None and issue.assignee.subject in (team, user)


def _any_of(read: Callable[[Issue], str | None], value: str) -> Test:
    choices = value[1:-1].split(",") if value.startswith("[") and value.endswith("]") else [value]
    patterns = [
        re.compile(".*".join(re.escape(part) for part in choice.strip().strip('"').split("*")), re.IGNORECASE)
        for choice in choices
    ]
    return lambda issue: any(pattern.fullmatch(read(issue) or "") for pattern in patterns)


def _date(world: World, read: Callable[[Issue], datetime], value: str, key: str) -> Test:
    """Read `-24h` (within), `+24h` (longer ago), or a comparison with a date."""
    match = re.fullmatch(r"([+-])(\d+)([mhdw])", value)
    if match:
        then = world.clock() - timedelta(**{_UNITS[match[3]]: int(match[2])})
        return (lambda issue: read(issue) >= then) if match[1] == "-" else (lambda issue: read(issue) <= then)
    match = re.fullmatch(r"([<>]=?)?(.+)", value)
    moment = parse(match[2]) if match else None
    if match is None or moment is None:
        raise bad_request(f"Invalid date: {value} for {key}.")
    return _compare(match[1] or ">=", lambda issue: read(issue).timestamp(), moment.timestamp())


def _number(read: Callable[[Issue], int], value: str) -> Test:
    match = re.fullmatch(r"([<>]=?)?(\d+)", value)
    if match is None:
        raise bad_request(f"Invalid number: {value}.")
    return _compare(match[1] or "=", read, int(match[2]))


def _compare(operator: str, read: Callable[[Issue], float], value: float) -> Test:
    match operator:
        case ">":
            return lambda issue: read(issue) > value
        case ">=":
            return lambda issue: read(issue) >= value
        case "<":
            return lambda issue: read(issue) < value
        case "<=":
            return lambda issue: read(issue) <= value
        case _:
            return lambda issue: read(issue) == value
