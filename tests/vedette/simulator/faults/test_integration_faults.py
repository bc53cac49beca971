"""Standing faults: each withholds its webhooks, is seen where Sentry shows it, and ends when it is mended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from vedette.simulator import ErrorReport, Fault, UnknownFaultError, record_error, trigger_alert

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Hook, Small
    from vedette.simulator import WebhookSender

APPS = "/api/0/organizations/acme/sentry-apps/"
LOG = "/api/0/sentry-apps/vedette/webhook-requests/"
ALL = ["error.created", "event_alert.triggered", "issue.created"]


async def happen(small: Small, sender: WebhookSender, hook: Hook) -> list[str]:
    """Let an issue be born and alerted of; return the names of the webhooks that arrived."""
    hook.received.clear()
    event = record_error(small.world, small.project, ErrorReport("E", "x", fingerprint=small.world.hex_id()))
    assert event is not None
    trigger_alert(small.world, event, "Everything")
    await sender.idle()
    return sorted(
        f"{one.header('sentry-hook-resource')}.{json.loads(one.body)['action']}"
        for one in hook.received
        if one.path == "/hooks"
    )


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [
        ({"kind": "silent"}, []),
        ({"kind": "hook_missing"}, ["event_alert.triggered"]),
        ({"kind": "unsent", "match": r"^issue\."}, ["error.created", "event_alert.triggered"]),
        ({"kind": "plan"}, ["event_alert.triggered", "issue.created"]),
        ({"kind": "unticked", "match": "error"}, ["event_alert.triggered", "issue.created"]),
        ({"kind": "disabled"}, []),
    ],
)
async def test_a_standing_fault_withholds_and_logs_nothing_until_it_is_cleared(
    api: httpx2.AsyncClient, small: Small, sender: WebhookSender, hook: Hook, fault: dict[str, Any], arrives: list[str]
) -> None:
    assert await happen(small, sender, hook) == ALL
    assert (await api.post("/_simulator/faults", json=fault)).status_code == 201
    for _ in range(2):
        assert await happen(small, sender, hook) == arrives
    logged = [line.event_type for line in sender.log_of("vedette").read(small.world.clock())]
    assert sorted(logged) == sorted(ALL + 2 * arrives)
    await api.delete("/_simulator/faults")
    assert await happen(small, sender, hook) == ALL


async def test_a_wrong_url_is_shown_and_gets_the_webhooks(
    api: httpx2.AsyncClient, small: Small, sender: WebhookSender, hook: Hook
) -> None:
    hook.status = 404
    sender.faults.add(Fault("wrong_url"))
    assert await happen(small, sender, hook) == []
    assert {one.path for one in hook.received} == {"/hooks-old"}
    assert (await api.get(APPS)).json()[0]["webhookUrl"] == f"{hook.url}-old"
    assert {line["responseCode"] for line in (await api.get(LOG)).json()} == {404}
    sender.faults.clear()
    sender.faults.add(Fault("wrong_url", body="https://elsewhere.example/hooks"))
    assert (await api.get(APPS)).json()[0]["webhookUrl"] == "https://elsewhere.example/hooks"


async def test_unticked_events_are_missing_in_the_integration(api: httpx2.AsyncClient, sender: WebhookSender) -> None:
    sender.faults.add(Fault("unticked", match=r"^(issue\.resolved|comment\..*)$"))
    (app,) = (await api.get(APPS)).json()
    assert app["events"] == ["error", "issue"]
    assert app["webhookEvents"] == [
        "issue.assigned",
        "issue.created",
        "issue.ignored",
        "issue.unresolved",
        "error.created",
    ]


async def test_a_disabled_integration_is_shown_as_such_and_its_log_is_closed(
    api: httpx2.AsyncClient, sender: WebhookSender
) -> None:
    assert (await api.get(LOG)).status_code == 200
    sender.faults.add(Fault("disabled"))
    assert (await api.get(APPS)).json()[0]["isDisabled"] is True
    assert (await api.get(LOG)).status_code == 403


async def test_the_plan_shows_in_the_features_which_come_on_request(
    api: httpx2.AsyncClient, sender: WebhookSender
) -> None:
    path = "/api/0/organizations/acme/"
    assert "features" not in (await api.get(path)).json()
    asked = {"include_feature_flags": "1"}
    assert "integrations-event-hooks" in (await api.get(path, params=asked)).json()["features"]
    sender.faults.add(Fault("plan"))
    assert "integrations-event-hooks" not in (await api.get(path, params=asked)).json()["features"]


async def test_saving_the_integration_gives_it_a_service_hook_again(
    api: httpx2.AsyncClient, small: Small, sender: WebhookSender, hook: Hook
) -> None:
    for kind in ("hook_missing", "wrong_url"):
        sender.faults.add(Fault(kind))
    sender.faults.add(Fault("unticked", match="^issue.created$"))
    headers = {"Authorization": f"Bearer {small.user_token.secret}"}
    path = "/api/0/sentry-apps/vedette/"
    assert (await api.put(path, json={"name": "Vedette"}, headers=headers)).status_code == 200
    assert [fault.kind for fault in sender.faults.standing] == ["wrong_url", "unticked"]
    mended = {"webhookUrl": hook.url, "events": ["issue", "error"]}
    assert (await api.put(path, json=mended, headers=headers)).status_code == 200
    assert sender.faults.standing == []
    assert await happen(small, sender, hook) == ALL


async def test_calls_of_the_api_do_not_use_standing_faults_up(api: httpx2.AsyncClient, sender: WebhookSender) -> None:
    sender.faults.add(Fault("silent"))
    assert (await api.get("/api/0/")).status_code == 200
    assert sender.faults.has("silent")


@pytest.mark.parametrize("kind", ["unsent", "unticked"])
def test_a_fault_of_single_kinds_needs_to_be_told_which(kind: str) -> None:
    with pytest.raises(UnknownFaultError, match="match"):
        Fault.from_json({"kind": kind})
