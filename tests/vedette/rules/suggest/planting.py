"""A simulated organization's past in which people have two habits, and several that only look like some."""

import random
from datetime import timedelta

from vedette.simulator import World
from vedette.simulator.demo.shop import build_shop
from vedette.simulator.world import builders, transitions
from vedette.simulator.world.actors import Actor
from vedette.simulator.world.incidents import record_error
from vedette.simulator.world.issues import ErrorReport, Issue
from vedette.simulator.world.people import Assignee

ISSUES = 160


class Planting:
    """Writes it down, issue by issue."""

    def __init__(self) -> None:
        self.world = World("harbour-shop", seed=5)
        build_shop(self.world)
        self.source = random.Random(5)  # noqa: S311 - a past that is the same each time
        self.people = [Actor(user=user) for user in self.world.users.values()]
        self.bot = Actor(integration=builders.add_integration(self.world, "Some bot"))
        self.clock, self.now = self.world.clock, self.world.clock()
        self.world.clock = lambda: self.now
        start = self.now - timedelta(days=28)
        for number in range(ISSUES):
            self.now = start + timedelta(hours=number)
            self._plant(number)
        self.world.clock = self.clock

    def _plant(self, number: int) -> None:
        match number % 8:
            case 0 | 1:  # the first habit, broken once in forty times
                issue = self._issue(
                    "payments-api", f"gateway {number} timed out", f"payments/gateways/g{number % 5}.py"
                )
                self._assign(issue, "platform" if number % 160 == 8 else "payments")
            case 2:  # the second
                issue = self._issue("storefront", f"Loading chunk {number} failed", "webpack/runtime.js")
                transitions.archive(self.world, issue, self._somebody(), "archived_until_escalating")
            case 3:  # a decoy: a bot does it, nobody else
                issue = self._issue("catalog", f"feed {number} is late", "catalog/feed.py")
                transitions.assign(self.world, issue, self.bot, Assignee(self.world.team_by_slug["platform"]))
            case 4:  # a decoy: two teams share it
                issue = self._issue("orders", f"label {number} is missing", "com/harbour/orders/Label.java")
                self._assign(issue, ("fulfilment", "platform")[number // 8 % 2])
            case 5:  # a decoy: resolved because it was mended
                issue = self._issue("warehouse", f"dock {number} is unreachable", "warehouse/link.go")
                self._assign(issue, self.source.choice(("fulfilment", "platform", "storefront")))
                transitions.resolve(self.world, issue, self._somebody())
            case 6:  # a decoy: a habit of old
                issue = self._issue("checkout", f"basket {number} is empty", "src/checkout/basket.tsx")
                self._assign(issue, "storefront" if number < ISSUES * 0.6 else "payments")
            case _:
                self._issue("sandbox", f"smoke {number}", "tests/smoke.py")

    def _issue(self, project: str, value: str, filename: str) -> Issue:
        of = self.world.project_by_slug[project]
        report = ErrorReport("Error", value, filename, platform=of.platform or "python", fingerprint=value)
        event = record_error(self.world, of, report, self.now)
        assert event is not None
        self.now += timedelta(minutes=self.source.randint(1, 50))
        return event.issue

    def _assign(self, issue: Issue, team: str) -> None:
        transitions.assign(self.world, issue, self._somebody(), Assignee(self.world.team_by_slug[team]))

    def _somebody(self) -> Actor:
        return self.source.choice(self.people)
