"""From a simulated organization's past to proposals, and a trial of these on the very same past."""

import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from vedette.api import Sentry
from vedette.rules import rules_of
from vedette.rules.suggest import Proposal, propose
from vedette.rules.suggest.learning import Learning
from vedette.rules.suggest.printing import as_toml
from vedette.rules.trial.agreement import Outcome
from vedette.rules.trial.backtest import Backtest
from vedette.rules.trial.history import History, open_history
from vedette.rules.trial.scope import Scope
from vedette.simulator import RateLimits, World, create_app, population, status
from vedette.simulator.actors import Actor
from vedette.simulator.happenings import record_error
from vedette.simulator.issues import ErrorReport, Issue
from vedette.simulator.options import TOKEN_SCOPES
from vedette.simulator.people import Assignee
from vedette.simulator.shop import build_shop
from vedette.testing.serving import served

ISSUES = 480
SCOPE = Scope("harbour-shop", days=30)


class Planting:
    """Writes a past in which people have two habits, and several that only look like some."""

    def __init__(self) -> None:
        self.world = World("harbour-shop", seed=5)
        build_shop(self.world)
        self.source = random.Random(5)  # noqa: S311 - a past that is the same each time
        self.people = [Actor(user=user) for user in self.world.users.values()]
        self.bot = Actor(integration=population.add_integration(self.world, "Some bot"))
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
                status.archive(self.world, issue, self._somebody(), "archived_until_escalating")
            case 3:  # a decoy: a bot does it, nobody else
                issue = self._issue("catalog", f"feed {number} is late", "catalog/feed.py")
                status.assign(self.world, issue, self.bot, Assignee(self.world.team_by_slug["platform"]))
            case 4:  # a decoy: two teams share it
                issue = self._issue("orders", f"label {number} is missing", "com/harbour/orders/Label.java")
                self._assign(issue, ("fulfilment", "platform")[number // 8 % 2])
            case 5:  # a decoy: resolved because it was mended
                issue = self._issue("warehouse", f"dock {number} is unreachable", "warehouse/link.go")
                self._assign(issue, self.source.choice(("fulfilment", "platform", "storefront")))
                status.resolve(self.world, issue, self._somebody())
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
        status.assign(self.world, issue, self._somebody(), Assignee(self.world.team_by_slug[team]))

    def _somebody(self) -> Actor:
        return self.source.choice(self.people)


@pytest.fixture(scope="module")
def sentry_url() -> Iterator[tuple[str, str]]:
    world = Planting().world
    token = population.add_token(world, "internal", TOKEN_SCOPES)
    with served(create_app(world, limits=RateLimits(manner="self-hosted"))) as url:
        yield url, token.secret


@pytest.fixture
async def sentry(sentry_url: tuple[str, str]) -> AsyncIterator[Sentry]:
    url, token = sentry_url
    async with Sentry(organization="harbour-shop", token=token, base_url=url) as client:
        yield client


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    async with open_history(tmp_path / "history.sqlite3") as opened:
        yield opened


async def test_habits_are_found_decoys_are_not_and_a_trial_says_the_same(sentry: Sentry, history: History) -> None:
    found = propose(await Learning(sentry, history, SCOPE).past())
    assert {(one.when, one.target) for one in found} == {
        ("project:payments-api", ("assign", "#payments")),
        ('title:"Error: Loading chunk * failed"', ("archive", "until escalating")),
    }
    report = await Backtest(sentry, history, SCOPE, rules_of([("triage.toml", as_toml(found))])).run()
    assert sum(report.taken.values()) == 0
    for one, tried in zip(found, report.rules, strict=True):
        assert tried.outcomes[Outcome.AGREED] == one.figures.agreed
        assert tried.outcomes[Outcome.DISAGREED] == one.figures.judged - one.figures.agreed
        assert tried.matches == one.matched
    assert disagreements(found) == {"#payments": 3, "until escalating": 0}


async def test_what_was_taken_is_not_taken_again(sentry: Sentry, history: History) -> None:
    first = await Learning(sentry, history, SCOPE).past()
    async with Sentry(organization="harbour-shop", token="sntryi_" + "0" * 64, base_url="http://127.0.0.1:9") as none:
        assert await Learning(none, history, SCOPE).past() == first
    assert len(first) == ISSUES


def disagreements(found: list[Proposal]) -> dict[str, int]:
    return {one.target.value: one.figures.judged - one.figures.agreed for one in found}
