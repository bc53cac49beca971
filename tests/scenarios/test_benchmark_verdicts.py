"""The benchmarks of the gateway and of agents call a missed figure missed."""

from typing import Any

import pytest

from bench import agents, gateway


def turns(wait: float, *, calls: int = 400, answers: int = 500, limited: int = 0) -> agents.Turns:
    return agents.Turns(10.0, [wait] * calls, calls, answers, limited)


@pytest.mark.parametrize(
    ("load", "beside", "missed"),
    [
        ("full", turns(0.44), []),
        ("full", turns(0.48), ["handlers_wait_p99"]),
        ("full", turns(0.40, limited=6), ["429"]),
        ("half", turns(0.90, limited=6), []),
    ],
)
def test_waits_and_429s_of_handlers_at_full_speed_are_judged(
    load: str, beside: agents.Turns, missed: list[str]
) -> None:
    found = agents.figures(load, turns(0.42), beside)
    assert [each["name"].split(".")[-1].split(" ")[0] for each in found if each["holds"] is False] == missed


def test_a_machine_that_is_too_busy_gives_no_verdict() -> None:
    assert agents.problem_of("full", turns(0.4), turns(0.4)) == ""
    assert "100 calls" in agents.problem_of("full", turns(0.4), turns(0.4, calls=100))


def test_each_missed_figure_of_the_gateway_is_named() -> None:
    good: dict[str, Any] = {"added_p50": 1.0, "added_p99": 5.0, "calls_a_second": 400.0}
    requests = {"one": good, "write": {**good, "added_p50": 3.2}, "list": {**good, "calls_a_second": 299.0}}
    assert gateway.missed({"requests": requests}) == [
        "write: added_p50 is 3.20 ms, and at most 3 ms is the goal",
        "list: 299 calls a second, and at least 300 is the goal",
    ]
    assert gateway.missed({"requests": {"one": good}}) == []
