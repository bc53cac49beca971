"""Evidence can be collected whatever Sentry answers, and what it does not answer is named with the permission."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from vedette.checks.integration_checks import CHECKS
from vedette.simulator import Fault

if TYPE_CHECKING:
    from tests.vedette.checks.installation import Installation
    from vedette.api import Answer, Call

ODD = (
    *("", "null", "[]", "{}", '"text"', "5", "[[]]", "[null]", "[{}]", "<html>", '{"detail": {"a": [1]}}'),
    '[{"id": "1", "name": "x", "actionFilters": [{"actions": "none"}]}]',
    '[{"id": "1", "name": "x", "actionFilters": [{"actions": [{"type": "sentry_app", "config": 5}, 7]}]}]',
    '[{"slug": "vedette", "webhookUrl": 5, "events": null, "webhookEvents": "x"}]',
    '[{"id": "1", "firstSeen": "yesterday"}]',
    '[{"date": "x", "responseCode": "many", "eventType": null}]',
    '{"features": "all", "links": []}',
    json.dumps([[[[[[{"a": {"b": [None]}}]]]]]]),
)


PATHS = ("/sentry-apps/$", "/issues/$", "/workflows/", "/webhook-requests/", "/organizations/acme/$", "/api/0/$")


@pytest.mark.parametrize("path", PATHS)
async def test_no_answer_of_sentry_keeps_the_checks_from_being_made(town: Installation, path: str) -> None:
    town.handlers = {"triage": ("issue.created", "error.created"), "alarm": ("event_alert.triggered",)}
    headers = {"Content-Type": "application/json"}
    for body in ODD:
        town.sender.faults.clear()
        town.sender.faults.add(Fault("answer", times=None, status=200, match=path, body=body, headers=headers))
        evidence = await town.watch.collector.collect(town.demand, is_cheap=False)
        assert [check(evidence).check for check in CHECKS] == [check.id for check in CHECKS], body


async def test_a_refusal_names_the_permission_that_would_settle_it(town: Installation) -> None:
    town.sender.faults.add(Fault("status", times=None, status=403, match="webhook-requests"))
    evidence = await town.watch.collector.collect(town.demand, is_cheap=True)
    (found,) = [check(evidence) for check in CHECKS if check.id == "deliveries"]
    assert (found.state, found.cause) == ("unknown", "not_readable")
    assert "Organization: Read" in found.mend[0]


async def test_a_look_makes_three_calls_and_one_more_for_errors_and_for_alerts(town: Installation) -> None:
    sentry = town.watch.collector.transport
    calls: list[str] = []

    class Counting:
        async def send(self, call: Call) -> Answer:
            calls.append(call.operation.name)
            return await sentry.send(call)

    watch = replace(town.watch, collector=replace(town.watch.collector, transport=Counting()))
    await watch.look(town.demand)
    assert sorted(calls) == ["apps.list", "apps.webhook_requests", "issues.search"]
    town.handlers = {"count": ("error.created",), "alarm": ("event_alert.triggered",)}
    calls.clear()
    await watch.look(town.demand)
    assert len(calls) == 5
