from typing import Any

import pytest

from vedette.access.layers.budget import BudgetLayer
from vedette.permissions.errors import BudgetExhausted
from vedette.permissions.grants import Grant
from vedette.store.access.departures import Admission, Departure, NotAdmittedError
from vedette.store.access.write_budgets import NO_BOUND, BudgetDecision, BudgetLimits


@pytest.fixture
def layer(end: Any, recorder: Any, connection: Any) -> BudgetLayer:
    return BudgetLayer(end, recorder, connection, 20)


async def test_it_passes_on_with_the_budgets_of_the_principal_and_the_issues(
    layer: Any, prepare: Any, end: Any
) -> None:
    await layer.send(prepare(grant=Grant(writes_per_hour=5)))
    limits = BudgetLimits(5, NO_BOUND, 20)
    assert end.only.departure == Departure(Admission("triage", ("sentry.example/acme:1",), limits))


async def test_a_paused_write_is_recorded(layer: Any, prepare: Any, end: Any, ledger: Any, notes: Any) -> None:
    end.error = NotAdmittedError(BudgetDecision("paused", "ann"))
    assert not (await layer.send(prepare())).sent
    assert (ledger.decisions, notes) == (["paused by ann"], ["paused by ann: resolved SHOP-1"])


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
    end.error = NotAdmittedError(BudgetDecision(verdict, "3"))
    with pytest.raises(BudgetExhausted, match=message):
        await layer.send(prepare())
    assert ledger.counted == [("triage", "denied")]
