"""`@every`: its times, and refused arguments."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from vedette import every, on
from vedette.authoring.cron import UnusableCronError, make_cron
from vedette.authoring.decorators import NotAHandlerError
from vedette.events import parse
from vedette.events.catalog import known_names
from vedette.events.kinds.schedule import schedule_payload
from vedette.plugins.discovery import discover
from vedette.settings.settings import Settings


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def times(expression: str, timezone: str, start: str, count: int) -> list[str]:
    cron, found = make_cron(expression, timezone), [at(start)]
    for _ in range(count):
        found.append(cron.after(found[-1]))
    return [moment.strftime("%d %H:%M") for moment in found[1:]]


@pytest.mark.parametrize(
    ("expression", "timezone", "start", "expected"),
    [
        ("0 6 * * 1-5", "UTC", "2026-11-27T06:00:00Z", ["30 06:00", "01 06:00"]),
        # Summer time begins in Berlin on 29 March 2026: 02:30 is jumped over, and runs at 03:00 there.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["29 01:00", "30 00:30"]),
        # It ends on 25 October 2026: 02:30 comes twice, and runs once.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["25 00:30", "26 01:30"]),
        ("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", ["25 00:00", "25 01:00", "25 02:00"]),
    ],
)
def test_times_follow_the_clock_of_their_timezone(
    expression: str, timezone: str, start: str, expected: list[str]
) -> None:
    assert times(expression, timezone, start, len(expected)) == expected


def test_the_latest_time_is_not_after_now() -> None:
    cron = make_cron("0 6 * * *")
    assert cron.latest(at("2026-11-27T06:00:00Z")) == at("2026-11-27T06:00:00Z")
    assert cron.latest(at("2026-11-27T05:59:59.9Z")) == at("2026-11-26T06:00:00Z")


@pytest.mark.parametrize(
    ("expression", "timezone", "told"),
    [
        ("0 6 * *", "UTC", "five fields"),
        ("* * * * * *", "UTC", "five fields"),
        ("0 25 * * *", "UTC", "Bad hour"),
        ("0 0 31 2 *", "UTC", "write minute, hour"),
        ("0 6 * * *", "Berlin", "Europe/Berlin"),
        ("0 6 * * *", "../etc", "Europe/Berlin"),
    ],
)
def test_what_cannot_be_used_says_what_to_write(expression: str, timezone: str, told: str) -> None:
    with pytest.raises(UnusableCronError, match=told):
        every(expression, timezone=timezone)


def test_misuse_says_what_to_write() -> None:
    async def handler() -> None: ...

    with pytest.raises(NotAHandlerError, match="say when"):
        every()(handler)
    with pytest.raises(NotAHandlerError, match="say when"):
        every(cast("Any", handler))
    with pytest.raises(NotAHandlerError, match="second function"):
        on("issue.created")(every("0 6 * * *")(handler))


def test_a_bad_expression_is_a_problem_of_its_plugin_and_a_time_is_for_its_own_handler_alone(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text('from vedette import every\n@every("6 o\'clock")\nasync def x(): ...\n')
    (tmp_path / "good.py").write_text(
        'from vedette import every, on\n@every("0 6 * * *")\nasync def daily(event): ...\n'
        '@every("0 6 * * *")\nasync def other(): ...\n@on("*")\nasync def all_of_it(): ...\n'
    )
    registry = discover(Settings(plugins=(tmp_path / "bad.py", tmp_path / "good.py")), frozenset(known_names()))
    (problem,) = registry.problems
    assert (problem.source, "five fields" in problem.reason) == ("bad.py", True)
    due = parse("schedule", schedule_payload("daily", "default", "0 6 * * *", "UTC", at("2026-11-27T06:00:00Z")))
    assert [handler.name for handler in registry.matching(due)] == ["daily"]
    assert registry.wants(due.names)
    assert (due.name, due.subject, due.data.due) == ("schedule.due", "schedule:daily:default", at("2026-11-27T06:00Z"))
    assert datetime.now(UTC) < registry.handlers["daily"].crons[0].after(datetime.now(UTC))
