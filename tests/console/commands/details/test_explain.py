"""An issue is explained by its short id, as a delivery is by its id."""

import json

import pytest

from tests.console.commands.recorded import Recorded


@pytest.mark.parametrize("name", ["SHOP-4K", "shop-4k", "31"])
def test_an_issue_is_explained_by_any_of_its_names(redis_of_commands: Recorded, name: str) -> None:
    first = redis_of_commands.record("SHOP-4K", "31", triage={"state": "done", "did": json.dumps(["assigned it"])})
    second = redis_of_commands.record("SHOP-4K", "31", notify={"state": "dead", "error": "no channel"})
    redis_of_commands.record("SHOP-5", "32", triage={"state": "done"})
    ended = redis_of_commands.run("explain", name)
    assert ended.exit_code == 0, ended.output
    assert f"{name}: 2 deliveries, the newest first" in ended.stdout
    for told in (first, second, "assigned it", "no channel"):
        assert told in ended.stdout
    values = json.loads(redis_of_commands.run("explain", name, "--json").stdout)
    assert {one["delivery"] for one in values["deliveries"]} == {first, second}


def test_of_many_deliveries_the_newest_are_explained_and_the_others_counted(redis_of_commands: Recorded) -> None:
    for _ in range(4):
        redis_of_commands.record("SHOP-4K", "31", triage={"state": "done"})
    shown = redis_of_commands.run("explain", "SHOP-4K", "--limit", "2").stdout
    assert "and 2 earlier: `vedette deliveries --issue SHOP-4K`" in shown


def test_a_delivery_is_explained_as_before(redis_of_commands: Recorded) -> None:
    delivery = redis_of_commands.record("SHOP-4K", "31", triage={"state": "done"})
    assert redis_of_commands.run("explain", delivery).stdout.startswith("issue.created about SHOP-4K, accepted ")


def test_a_name_that_nothing_has_is_refused_with_the_nearest(redis_of_commands: Recorded) -> None:
    redis_of_commands.record("SHOP-4K", "31", triage={"state": "done"})
    ended = redis_of_commands.run("explain", "SHOP-4X")
    assert ended.exit_code == 1
    assert "did you mean SHOP-4K?" in ended.stderr
