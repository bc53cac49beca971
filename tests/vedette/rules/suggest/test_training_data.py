"""From a simulated organization's past to proposals, and a trial of these on the very same past."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.vedette.rules.suggest.planting import ISSUES, Planting
from vedette.api import Sentry
from vedette.rules import rules_of
from vedette.rules.backtest.agreement import AgreementOutcome
from vedette.rules.backtest.backtest import Backtest
from vedette.rules.backtest.history_store import HistoryStore, open_history
from vedette.rules.backtest.scope import Scope
from vedette.rules.suggest import Suggestion, Thresholds
from vedette.rules.suggest.confidence import AgreementInterval
from vedette.rules.suggest.toml_output import render_toml
from vedette.rules.suggest.training_data import TrainingData
from vedette.simulator import RateLimits, World, create_app
from vedette.simulator.demo.history import seed_history
from vedette.simulator.demo.shop import build_shop
from vedette.simulator.options import TOKEN_SCOPES
from vedette.simulator.world import builders
from vedette.testing.servers import served

SCOPE = Scope("harbour-shop", days=30)


@pytest.fixture(scope="module")
def sentry_url() -> Iterator[tuple[str, str]]:
    world = Planting().world
    token = builders.add_token(world, "internal", TOKEN_SCOPES)
    with served(create_app(world, limits=RateLimits(manner="self-hosted"))) as url:
        yield url, token.secret


@pytest.fixture
async def sentry(sentry_url: tuple[str, str]) -> AsyncIterator[Sentry]:
    url, token = sentry_url
    async with Sentry(organization="harbour-shop", token=token, base_url=url) as client:
        yield client


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[HistoryStore]:
    async with open_history(tmp_path / "history.sqlite3") as opened:
        yield opened


async def test_habits_are_found_decoys_are_not_and_a_trial_says_the_same(sentry: Sentry, history: HistoryStore) -> None:
    found = await TrainingData(sentry, history, SCOPE).proposals()
    assert {(one.when, one.target) for one in found} == {
        ("project:payments-api", ("assign", "#payments")),
        ('title:"Error: Loading chunk * failed"', ("archive", "until escalating")),
    }
    report = await Backtest(sentry, history, SCOPE, rules_of([("triage.toml", render_toml(found))])).run()
    assert sum(report.taken.values()) == 0
    for one, tried in zip(found, report.rules, strict=True):
        assert tried.outcomes[AgreementOutcome.AGREED] == one.figures.agreed
        assert tried.outcomes[AgreementOutcome.DISAGREED] == one.figures.judged - one.figures.agreed
        assert tried.matches == one.matched
    assert disagreements(found) == {"#payments": 1, "until escalating": 0}


async def test_what_was_taken_is_not_taken_again(sentry: Sentry, history: HistoryStore) -> None:
    first = TrainingData(sentry, history, SCOPE)
    found = await first.proposals()
    async with Sentry(organization="harbour-shop", token="sntryi_" + "0" * 64, base_url="http://127.0.0.1:9") as none:
        again = TrainingData(none, history, SCOPE)
        assert await again.proposals() == found
    assert again.past == first.past
    assert len(first.past) == ISSUES


def disagreements(found: list[Suggestion]) -> dict[str, int]:
    return {one.target.value: one.figures.judged - one.figures.agreed for one in found}


async def test_what_was_archived_and_taken_back_counts_though_it_looks_untouched(history: HistoryStore) -> None:
    world = World("harbour-shop", seed=2)
    build_shop(world)
    truth = seed_history(world, 1200)
    token = builders.add_token(world, "internal", TOKEN_SCOPES)
    thresholds = Thresholds(agreement=0.6)
    with served(create_app(world, limits=RateLimits(manner="self-hosted"))) as url:
        async with Sentry(organization="harbour-shop", token=token.secret, base_url=url) as sentry:
            learning = TrainingData(sentry, history, SCOPE)
            found = {one.when: one.figures for one in await learning.proposals(thresholds)}
    noise = truth.habits["noise"]
    assert found['title:"ResizeObserverError: loop limit exceeded"'] == AgreementInterval(
        noise.agreed, noise.agreed + noise.disagreed
    )
