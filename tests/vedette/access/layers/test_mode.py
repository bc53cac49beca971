from typing import Any

import pytest

from vedette.access.layers.mode import ModeLayer


@pytest.fixture
def layer(end: Any, recorder: Any, connection: Any, services: Any) -> ModeLayer:
    return ModeLayer(end, recorder, connection, services.proposals, services.agents)


async def test_in_act_a_write_is_passed_on(layer: Any, prepare: Any, end: Any, ledger: Any) -> None:
    assert (await layer.send(prepare())).sent
    assert (len(end.calls), ledger.entries) == (1, [])


async def test_in_observe_it_is_recorded(layer: Any, prepare: Any, end: Any, ledger: Any, notes: Any) -> None:
    assert not (await layer.send(prepare(context={"mode": "observe"}, reason="rule noise"))).sent
    assert (end.calls, ledger.decisions) == ([], ["observed"])
    assert ledger.counted == [("triage", "observed")]
    assert notes == ["would have resolved SHOP-1 (rule noise)"]


async def test_in_propose_it_waits_once(layer: Any, prepare: Any, end: Any, ledger: Any, notes: Any) -> None:
    for _ in range(2):
        assert not (await layer.send(prepare(context={"mode": "propose"}))).sent
    (proposal,) = ledger.proposed.values()
    assert (proposal.handler, proposal.issues, proposal.before) == ("triage", ("1",), {"1": {"status": "unresolved"}})
    assert (end.calls, ledger.decisions) == ([], ["proposed"])
    assert notes == [f"proposed as {proposal.id}: resolved SHOP-1", "proposed before: resolved SHOP-1"]


@pytest.mark.parametrize(
    ("context", "call", "sent"),
    [
        ({"modes": {"sho*": "observe"}}, {}, False),
        ({"mode": "observe", "modes": {"shop": "act"}}, {}, True),
        ({}, {"ceiling": "observe"}, False),
        ({"mode": "observe", "order": "approved by ann"}, {}, True),
    ],
)
async def test_the_mode_of_the_project_the_ceiling_and_an_order_count(
    layer: Any, prepare: Any, context: dict[str, Any], call: dict[str, Any], sent: bool
) -> None:
    assert (await layer.send(prepare(context=context, call=call))).sent is sent
