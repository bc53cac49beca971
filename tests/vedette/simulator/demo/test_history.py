"""A planted past: its truth shows in the world, and it is the same each time."""

from datetime import timedelta

from vedette.simulator import World
from vedette.simulator.demo.history import GroundTruth, seed_history
from vedette.simulator.demo.shop import build_shop


def planted(seed: int) -> tuple[World, GroundTruth]:
    world = World(seed=0)
    build_shop(world)
    told: list[object] = []
    world.listeners.append(told.append)
    truth = seed_history(world, 400, seed=seed)
    assert told == []
    return world, truth


def test_people_kept_and_broke_their_habits_as_often_as_is_said() -> None:
    world, truth = planted(3)
    assert len(world.issues) == truth.issues == 400
    for name, project in (("payments", "payments-api"), ("regressions", "catalog")):
        team = {"payments": "payments", "regressions": "platform"}[name]
        assigned = [i.assignee.name for i in world.issues.values() if i.project.slug == project and i.assignee]
        assert assigned.count(team) == truth.habits[name].agreed
        assert len(assigned) == truth.habits[name].agreed + truth.habits[name].disagreed
    noise = [issue for issue in world.issues.values() if issue.project.slug == "storefront"]
    assert sum(issue.status == "ignored" for issue in noise) == truth.habits["noise"].agreed
    assert sum(len(issue.activity) == 3 for issue in noise) == truth.habits["noise"].disagreed
    assert sum(("browser.name", "Safari") in issue.report.tags for issue in world.issues.values()) == truth.safari == 4


def test_all_of_it_is_past_and_repeatable() -> None:
    world, truth = planted(3)
    moments = [activity.when for issue in world.issues.values() for activity in issue.activity]
    now = world.clock()
    assert now - timedelta(days=29) < min(moments)
    assert max(moments) < now
    assert planted(3)[1] == truth != planted(4)[1]


def test_people_keep_their_habits_as_often_as_is_asked_for() -> None:
    world = World(seed=0)
    build_shop(world)
    truth = seed_history(world, 400, seed=3, kept=1.0)
    assert all(habit.agreed and not habit.disagreed for habit in truth.habits.values())
