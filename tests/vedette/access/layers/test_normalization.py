from dataclasses import replace
from typing import Any

import pytest

from vedette.access.layers.normalization import NormalizationLayer
from vedette.api import OPERATIONS, InvalidUpdateError


async def test_the_operation_is_taken_from_the_table(prepare: Any, end: Any, recorder: Any) -> None:
    made_up = replace(OPERATIONS["issues.update"], scopes=frozenset(), method="GET")
    await NormalizationLayer(end, recorder, OPERATIONS).send(prepare(call={"operation": made_up}))
    assert end.only.call.operation is OPERATIONS["issues.update"]


async def test_the_reason_is_passed_on_in_one_line(prepare: Any, end: Any, recorder: Any) -> None:
    await NormalizationLayer(end, recorder, OPERATIONS).send(prepare(call={"because": "rule\nnoise"}))
    assert end.only.reason == "rule noise"


@pytest.mark.parametrize(("subject", "fresh"), [("1", True), ("2", False), ("", False)])
async def test_the_issue_that_the_delivery_names_is_fresh(
    prepare: Any, end: Any, recorder: Any, subject: str, fresh: bool
) -> None:
    await NormalizationLayer(end, recorder, OPERATIONS).send(prepare(context={"subject": subject}))
    assert end.only.call.fresh is fresh


async def test_an_operation_that_may_not_enter_is_refused_and_recorded(
    prepare: Any, end: Any, recorder: Any, ledger: Any
) -> None:
    with pytest.raises(InvalidUpdateError, match="no operation issues"):
        await NormalizationLayer(end, recorder, {}).send(prepare())
    assert end.calls == []
    assert ledger.decisions == ["denied: There is no operation issues.update; docs/api.md lists them."]
    assert ledger.counted == [("triage", "denied")]
