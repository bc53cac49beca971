"""A simulated Sentry with a given history, and a store for it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.vedette.api.stub import serving
from vedette.api import HttpTransport, Sentry, credential
from vedette.rules import RuleSet, rules_of
from vedette.rules.backtest.backtest import Backtest
from vedette.rules.backtest.history_store import open_history
from vedette.rules.backtest.report import BacktestReport
from vedette.rules.backtest.scope import Scope
from vedette.simulator import Actor, ErrorReport, RateLimits, World, create_app, record_error
from vedette.simulator.demo.shop import build_shop
from vedette.simulator.faults.faults import Faults
from vedette.simulator.world import builders
from vedette.simulator.world.issues import Issue

TOKEN = "sntryi_" + "c" * 64


@dataclass
class Past:
    """A world with a manual clock, and backtests of rules on it."""

    world: World
    folder: Path
    moment: datetime
    url: str = ""
    faults: Faults = field(default_factory=Faults)
    histories: int = 0

    def go(self, **age: float) -> None:
        """Go to a moment so long ago."""
        self.moment = datetime.now(UTC) - timedelta(**age)

    def error(self, kind: str = "Odd", project: str = "orders", **more: Any) -> Issue:
        """Let an error happen."""
        event = record_error(self.world, self.world.project_by_slug[project], ErrorReport(kind, "odd", **more))
        assert event is not None
        return event.issue

    @property
    def mei(self) -> Actor:
        return Actor(user=self.world.user_by_name["mei"])

    async def trial(self, rules: str, *, kept: str = "past", query: str = "", **options: Any) -> BacktestReport:
        """Try rules on this past."""
        async with (
            HttpTransport(self.url, credential(TOKEN)) as transport,
            open_history(self.folder / kept) as history,
        ):
            sentry = Sentry(organization=self.world.organization_slug, transport=transport)
            return await Backtest(sentry, history, Scope("here", 30, query=query), read(rules), **options).run()


def read(rules: str) -> RuleSet:
    return rules_of([("triage.toml", rules)])


@pytest.fixture
async def past(tmp_path: Path) -> AsyncIterator[Past]:
    world = World(seed=1)
    build_shop(world)
    found = Past(world, tmp_path, datetime.now(UTC))
    world.clock = lambda: found.moment
    builders.add_token(world, "internal", builders.INTEGRATION_SCOPES, secret=TOKEN)
    app = create_app(world, limits=RateLimits(manner="self-hosted"), faults=found.faults)
    async with serving(app) as url:
        found.url = url
        yield found
