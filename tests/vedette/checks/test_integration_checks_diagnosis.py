"""Each row of the diagnosis: a fault, a clock that is moved, and within 600 seconds state, cause and mend.

The clock begins at the first missed issue; looks come every four minutes, the first of them at the worst moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse

from tests.vedette.checks.installation import installed
from vedette.simulator import Fault, trigger_alert
from vedette.simulator.faults.responses import DROP
from vedette.simulator.world import builders

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from tests.vedette.checks.installation import Installation, MovedClock

Plant = Callable[["Installation"], Awaitable[None]]


def fault(kind: str, **values: object) -> Plant:
    async def plant(town: Installation) -> None:
        town.sender.faults.add(Fault.from_json({"kind": kind, **values}))

    return plant


def proxy(answer: ASGIApp) -> Plant:
    async def plant(town: Installation) -> None:
        town.proxy.instead = answer

    return plant


async def revoke(town: Installation) -> None:
    town.token.revoked = True


async def delete(town: Installation) -> None:
    del town.world.integrations[town.app.slug]


async def rotate(town: Installation) -> None:
    town.app.client_secret = "another-client-secret"


async def forbid_alerts(town: Installation) -> None:
    town.app.alertable = False


async def refuse_log(town: Installation) -> None:
    town.sender.faults.add(Fault("silent"))
    town.sender.faults.add(Fault("status", times=None, status=403, match="webhook-requests"))


async def hang(town: Installation) -> None:
    """Let 500 requests hang at the receiver, by which Sentry's breaker opens."""
    for _ in range(500):
        town.services.metrics.observe_accept(4.5)
    await town.settle()
    town.sender.faults.add(Fault("breaker"))


async def lose_hook(town: Installation) -> None:
    town.sender.faults.add(Fault("hook_missing"))


async def late(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer after Sentry's time limit."""
    await asyncio.sleep(1.3)
    await PlainTextResponse("", 202)(scope, receive, send)


async def drop(scope: Scope, receive: Receive, send: Send) -> None:
    """End the connection without an answer."""
    del receive, send
    scope[DROP]()


async def keep_old_rules(town: Installation) -> None:
    """Let an alert be triggered whose webhook is not sent."""
    action = {"type": "sentry_app", "config": {"targetIdentifier": town.app.uuid}}
    town.world.workflows[1] = {"id": "1", "name": "Everything", "actionFilters": [{"actions": [action]}]}
    town.sender.faults.add(Fault("unsent", match="event_alert"))
    (event,) = await town.happen()
    trigger_alert(town.world, event, "Everything")


async def filter_projects(town: Installation) -> None:
    """Let Sentry send the issues of one project alone."""
    other = builders.add_project(town.world, "other")
    await town.happen(2, other)
    town.sender.faults.add(Fault("silent"))


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    plant: Plant
    check: str
    cause: str
    mend: str
    says: str = ""
    state: str = "broken"
    handlers: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"triage": ("issue.created",)})
    alerts: bool = False


ROWS = {
    "token revoked": Row(revoke, "token", "token_rejected", "create a token under Tokens"),
    "integration deleted": Row(delete, "integration", "app_missing", "Create an internal integration"),
    "integration disabled": Row(fault("disabled"), "integration", "app_disabled", "Sentry's support"),
    "wrong url": Row(fault("wrong_url"), "webhook_url", "wrong_url", "set Webhook URL to http://127.0.0.1", "-old"),
    "unticked": Row(
        fault("unticked", match=r"issue\.resolved"),
        *("subscriptions", "unticked", "tick issue.resolved", "close gets nothing"),
        handlers={"triage": ("issue.created",), "close": ("issue.resolved",)},
    ),
    "not alertable": Row(
        forbid_alerts,
        *("alert_action", "not_alertable", "switch on Alert Rule Action", "alarm"),
        handlers={"triage": ("issue.created",), "alarm": ("event_alert.*",)},
    ),
    "secret rotated": Row(rotate, "arrives", "secret_rotated", "Copy the Client Secret", "another client secret"),
    "timeout": Row(proxy(late), "arrives", "answer_timeout", "vedette_accept_seconds", "one second"),
    "no connection": Row(proxy(drop), "arrives", "answer_connection", "Check that the receiver runs", "no connection"),
    "not stored": Row(proxy(PlainTextResponse("", 500)), "arrives", "answer_500", "the spool's disk"),
    "not found": Row(
        proxy(PlainTextResponse("no", 404)), "arrives", "answer_404", "Let the URL end in /hooks", "the path is wrong"
    ),
    "body too large": Row(proxy(PlainTextResponse("", 413)), "arrives", "answer_413", "client_max_body_size 8m"),
    "proxy without receiver": Row(proxy(PlainTextResponse("", 502)), "arrives", "answer_502", "upstream"),
    "login at the proxy": Row(proxy(PlainTextResponse("", 401)), "arrives", "answer_401", "without authentication"),
    "firewall": Row(proxy(PlainTextResponse("", 403)), "arrives", "answer_403", "web application firewall"),
    "redirect": Row(proxy(RedirectResponse("/login", 302)), "arrives", "redirected", "without a redirect"),
    "another server": Row(proxy(JSONResponse({"ok": True})), "arrives", "answered_elsewhere", "which server"),
    "breaker": Row(hang, "arrives", "breaker_open", "Wait: it opens for five minutes", "500 requests"),
    "hook missing": Row(
        *(lose_hook, "arrives", "hook_missing", "untick one event", "alerts still arrive"),
        handlers={"triage": ("issue.created",), "alarm": ("event_alert.*",)},
        alerts=True,
    ),
    "silent": Row(fault("silent"), "arrives", "hook_missing", "untick one event", "its log has no line"),
    "log unreadable": Row(refuse_log, "arrives", "unknown", "set Organization: ", "cause is not known"),
    "alerts not migrated": Row(
        *(keep_old_rules, "alerts", "alerts_not_migrated", "save it once", "Sentry 26.10.0"),
        handlers={"alarm": ("event_alert.triggered",)},
    ),
    "some projects": Row(
        *(filter_projects, "arrives", "project_filtered", "service hook for all projects", "those of other do"),
        state="warn",
    ),
    "plan": Row(
        fault("plan"),
        *("plan", "plan_without_errors", "plan with error webhooks", "count asks for"),
        handlers={"triage": ("issue.created",), "count": ("error.created",)},
    ),
}


@pytest.mark.parametrize("name", ROWS)
async def test_a_fault_is_told_with_cause_and_mend_within_600_seconds(town: Installation, name: str) -> None:
    row = ROWS[name]
    town.handlers = dict(row.handlers)
    # A look of a healthy world just before, so that the next one comes as late as it can.
    await town.watch.look(town.demand)
    assert {one.finding.state for one in (await town.states()).values()} <= {"ok", "unknown"}
    await row.plant(town)
    events = await town.happen(3)
    if row.alerts:
        for event in events:
            trigger_alert(town.world, event, "Everything")
        await town.settle()
    # The first missed issue is as old as the grace when it is first looked for.
    town.move(239)
    seen, passed = await town.run_until(row.check, row.state, most=600 - 239)
    assert (seen.finding.cause, seen.finding.check) == (row.cause, row.check)
    assert any(row.mend in step for step in seen.finding.mend), seen.finding.mend
    assert row.says in seen.finding.says
    assert passed + 239 <= 600


async def test_a_private_address_that_a_self_hosted_sentry_refuses(
    redis_url: str, tmp_path: Path, clock: MovedClock
) -> None:
    """Such a Sentry has never sent anything, and logs nothing of it."""
    async with installed(redis_url, tmp_path, clock) as town:
        town.move(3600)
        await town.watch.look(town.demand)
        town.sender.faults.add(Fault("silent"))
        await town.happen(3)
        town.move(239)
        seen, _ = await town.run_until("arrives", "broken", most=600 - 239)
        assert seen.finding.cause == "address_refused"
        assert any("SENTRY_DISALLOWED_IPS" in step for step in seen.finding.mend)
