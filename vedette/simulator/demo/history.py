"""A history for an organization: issues of the last weeks, and the habits of its people in handling them.

Rules are backtested on the history, so the tests of backtests need a history with known habits. Four of them are
seeded, each kept most of the time, broken sometimes, and often the issue is left alone:

- `payments`: errors of type `PaymentGatewayError` go to the team payments.
- `noise`: errors of type `ResizeObserverError` are archived.
- `fatal`: fatal errors of the warehouse get priority high.
- `regressions`: regressions in the catalog go to the team platform.

One fatal error in two, which is one issue in a hundred, has the tag `browser.name` with the value `Safari`; only its
event shows it.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from vedette.simulator.world import incidents, transitions
from vedette.simulator.world.actors import Actor
from vedette.simulator.world.issues import ErrorReport
from vedette.simulator.world.people import Assignee

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from vedette.simulator.world.issues import Issue
    from vedette.simulator.world.projects import Project
    from vedette.simulator.world.world import World

HABITS: Final = ("payments", "noise", "fatal", "regressions")
_SHARES: Final = {"payments": range(4), "noise": range(4, 8), "fatal": range(8, 10), "regressions": range(10, 12)}
"""Which issues of a hundred."""
_SAFARI: Final = 8
_ORDINARY: Final = (
    ("TimeoutError", "no answer from the stock service", "stock/client.py"),
    ("KeyError", "sku", "basket/lines.py"),
    ("ValueError", "not a postcode", "delivery/address.py"),
)
_DECIDED: Final = 0.8
"""The share of such issues about which people do something at all."""
KEPT: Final = 0.75
"""The share of those in which they keep the habit, unless it is chosen."""


@dataclass(slots=True)
class Habit:
    """The numbers of issues with which a habit was kept, broken, or left."""

    agreed: int = 0
    disagreed: int = 0
    nobody: int = 0


@dataclass(slots=True)
class GroundTruth:
    """The habits that were seeded."""

    issues: int = 0
    safari: int = 0
    habits: dict[str, Habit] = field(default_factory=lambda: {name: Habit() for name in HABITS})

    def as_json(self) -> dict[str, object]:
        """Return the truth for other processes."""
        return asdict(self)


class _HistorySeeder:
    """Plants one issue after another, with the world's clock turned back."""

    def __init__(self, world: World, seed: int, kept: float) -> None:
        self.world = world
        self._agrees = _DECIDED * kept
        self.draw = random.Random(seed)  # noqa: S311 - repeatability is what is wanted
        self.people = [Actor(user=user) for user in world.users.values()]
        self.truth = GroundTruth()
        self.moment = world.clock()
        world.clock = lambda: self.moment

    def add_issue(self, number: int, born: datetime) -> None:
        """Plant the so-many-th issue."""
        self.truth.issues += 1
        place = number % 100
        habit = next((name for name, share in _SHARES.items() if place in share), "")
        self.moment = born
        issue = self._issue(number, habit, safari=place == _SAFARI)
        if habit == "regressions":
            self._regress(issue)
        if habit:
            self._live(issue, habit)
        elif self.draw.random() < 0.05:  # noqa: PLR2004 - some of the rest are resolved, as everywhere
            self._later(1, 48)
            transitions.resolve(self.world, issue, self._random_member())
        self.truth.safari += place == _SAFARI

    def _issue(self, number: int, habit: str, *, safari: bool) -> Issue:
        project, kind, value, filename = self._error_of(habit)
        report = ErrorReport(
            kind,
            value,
            filename=filename,
            function=f"step_{number % 7}",
            level="fatal" if habit == "fatal" else "error",
            platform=project.platform or "python",
            user=str(number % 1000),
            tags=(("browser.name", "Safari" if safari else "Firefox"),),
            fingerprint=f"past-{number}",
            priority="medium",
        )
        event = incidents.record_error(self.world, project, report, self.moment)
        assert event is not None
        return event.issue

    def _error_of(self, habit: str) -> tuple[Project, str, str, str]:
        projects = self.world.project_by_slug
        match habit:
            case "payments":
                return projects["payments-api"], "PaymentGatewayError", "gateway timed out", "payments/gateway.py"
            case "noise":
                return projects["storefront"], "ResizeObserverError", "loop limit exceeded", "static/app.js"
            case "fatal":
                return projects["warehouse"], "OutOfMemory", "killed while packing", "pack/worker.go"
            case "regressions":
                return projects["catalog"], "StaleIndexError", "search index is behind", "catalog/index.py"
            case _:
                return (projects[self.draw.choice(("orders", "checkout"))], *self.draw.choice(_ORDINARY))

    def _regress(self, issue: Issue) -> None:
        self._later(1, 24)
        transitions.resolve(self.world, issue, self._random_member())
        self._later(1, 24)
        incidents.record_error(self.world, issue.project, issue.report, self.moment)

    def _live(self, issue: Issue, habit: str) -> None:
        """Let people keep the habit, break it, or do nothing."""
        kept, chance = self.truth.habits[habit], self.draw.random()
        if chance >= _DECIDED:
            kept.nobody += 1
            return
        self._later(0.1, 12)
        if chance < self._agrees:
            kept.agreed += 1
            self._keep(issue, habit)
        else:
            kept.disagreed += 1
            self._break(issue, habit)

    def _keep(self, issue: Issue, habit: str) -> None:
        who, team = self._random_member(), self.world.team_by_slug
        acts: dict[str, Callable[[], object]] = {
            "payments": lambda: transitions.assign(self.world, issue, who, Assignee(team["payments"])),
            "noise": lambda: transitions.archive(self.world, issue, who, "archived_until_escalating"),
            "fatal": lambda: transitions.set_priority(self.world, issue, who, "high"),
            "regressions": lambda: transitions.assign(self.world, issue, who, Assignee(team["platform"])),
        }
        acts[habit]()

    def _break(self, issue: Issue, habit: str) -> None:
        who, team = self._random_member(), self.world.team_by_slug
        if habit == "noise":
            # Archived by mistake, and taken back.
            transitions.archive(self.world, issue, who, "archived_until_escalating")
            self._later(0.1, 6)
            transitions.unresolve(self.world, issue, who)
        elif habit == "fatal":
            transitions.set_priority(self.world, issue, who, "low")
        else:
            transitions.assign(self.world, issue, who, Assignee(team["fulfilment"]))

    def _later(self, least: float, most: float) -> None:
        """Let hours pass."""
        self.moment += timedelta(hours=self.draw.uniform(least, most))

    def _random_member(self) -> Actor:
        return self.draw.choice(self.people)


def seed_history(world: World, issues: int, *, days: int = 28, seed: int = 0, kept: float = KEPT) -> GroundTruth:
    """Give a world of the shop (`build_shop`) a history, without webhooks, and return the ground truth.

    Args:
        world: the world; needs the shop's projects, teams and people.
        issues: their number.
        days: the days over which they began; the youngest are four days old, so that people had the time to act.
        seed: makes it repeatable.
        kept: the share of decisions in which people keep their habits, from 0 to 1.
    """
    clock, listeners = world.clock, world.listeners
    world.listeners = []
    now = clock()
    try:
        planting = _HistorySeeder(world, seed, kept)
        youngest, oldest = timedelta(days=4), timedelta(days=days)
        for number in range(issues):
            planting.add_issue(number, now - oldest + (oldest - youngest) * number / max(1, issues))
    finally:
        world.clock, world.listeners = clock, listeners
    return planting.truth
