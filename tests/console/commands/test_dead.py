"""Five hundred dead runs of one cause are one line, and run again with one command."""

import json

from tests.console.commands.recorded import Recorded


def test_runs_of_one_cause_are_one_group_that_is_listed_replayed_and_discarded(redis_of_commands: Recorded) -> None:
    run = redis_of_commands.run
    for number in range(3):
        error = {"state": "dead", "error": f"NotAuthorized: 401 for SHOP-{number}"}
        redis_of_commands.record(f"SHOP-{number}", str(number), triage=error)
    other = redis_of_commands.record("SHOP-9", "9", triage={"state": "dead", "error": "KeyError: 7"})
    groups = [json.loads(line) for line in run("dead", "--by", "error", "--json").stdout.splitlines()]
    assert [(one["count"], one["handler"]) for one in groups] == [(3, "triage"), (1, "triage")]
    shown = run("dead", "--by", "error").stdout
    assert "NotAuthorized: 401" in shown
    assert groups[0]["group"] in shown
    listed = [
        json.loads(line)["id"] for line in run("dead", "--group", groups[1]["group"], "--json").stdout.splitlines()
    ]
    assert listed == [f"{other}:triage"]
    assert run("replay", "--dead", "--group", groups[0]["group"]).stdout == "3 replayed\n"
    assert run("dead", "discard", "--all", "--group", groups[1]["group"]).stdout == "1 discarded\n"
    assert run("dead").stdout == "Nothing is dead.\n"


def test_a_group_that_nothing_has_matches_nothing(redis_of_commands: Recorded) -> None:
    redis_of_commands.record("SHOP-1", "1", triage={"state": "dead", "error": "gone"})
    assert "No match" in redis_of_commands.run("dead", "--group", "00000000").stdout


def test_a_dead_run_is_shown_with_times_of_day_and_the_next_steps(redis_of_commands: Recorded) -> None:
    error = {"state": "dead", "error": "gone", "trace": "Traceback", "ended": "1795821548732"}
    delivery = redis_of_commands.record("SHOP-1", "1", triage=error)
    shown = redis_of_commands.run("dead", "show", f"{delivery}:triage").stdout
    assert "1795821548732" not in shown
    assert f"vedette replay {delivery} --handler triage" in shown
    assert f"vedette show {delivery}" in shown
    assert (
        json.loads(redis_of_commands.run("dead", "show", f"{delivery}:triage", "--json").stdout)["ended"]
        == 1795821548732
    )
