from typing import Any

import pytest

from vedette.access.layers.budget import BudgetLayer
from vedette.permissions.errors import BudgetExhausted
from vedette.permissions.grants import Grant
from vedette.store.access.write_budgets import NO_BOUND, BudgetDecision, BudgetLimits


@pytest.fixture
def layer(end: Any, recorder: Any, connection: Any, services: Any) -> BudgetLayer:
    return BudgetLayer(end, recorder, connection, services.budgets, 20)


async def test_it_asks_once_by_the_key_of_the_principal_and_passes_on(
    layer: Any, prepare: Any, end: Any, ledger: Any
) -> None:
    await layer.send(prepare(grant=Grant(writes_per_hour=5)))
    assert ledger.asked == [("triage", ["sentry.example/acme:1"], BudgetLimits(5, NO_BOUND, 20))]
    assert len(end.calls) == 1


async def test_a_paused_write_is_recorded(layer: Any, prepare: Any, end: Any, ledger: Any, notes: Any) -> None:
    ledger.verdict = BudgetDecision("paused", "ann")
    assert not (await layer.send(prepare())).sent
    assert (end.calls, ledger.decisions, notes) == ([], ["paused by ann"], ["paused by ann: resolved SHOP-1"])


@pytest.mark.parametrize(
    ("verdict", "message"),
    [
        ("hour", "it has written 3 times within the hour.*`writes_per_hour = 6`"),
        ("issue", "it has changed SHOP-1 3 times.*`writes_per_issue_per_hour = 6`"),
        ("circle", r"handlers have changed SHOP-1 3 times.*under \[access\]"),
    ],
)
async def test_a_budget_that_is_used_up_is_a_denial(
    layer: Any, prepare: Any, end: Any, ledger: Any, verdict: Any, message: str
) -> None:
    ledger.verdict = BudgetDecision(verdict, "3")
    with pytest.raises(BudgetExhausted, match=message):
        await layer.send(prepare())
    assert end.calls == []
    assert ledger.counted == [("triage", "denied")]
