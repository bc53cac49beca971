"""An hour of webhooks is lost, and afterwards every issue is triaged as if they had come."""

import json
from collections.abc import Callable
from typing import Any

import httpx2

from tests.conftest import connect
from vedette.store.server.embedded import socket_url

RULES = """
[[rule]]
name = "each gets a priority"
on = "issue.created"
then = [{ priority = "low" }]

[[rule]]
name = "gateway errors to payments"
on = "issue.created"
when = "error.type:PaymentGatewayError"
then = [{ assign = "#payments" }]
"""
FOUND_MISSING = 3


def issues(vedette: Any) -> list[dict[str, Any]]:
    url = (vedette.folder / "state/demonstration/sentry-url").read_text()
    return httpx2.get(f"{url}/_simulator/state", trust_env=False).json()["issues"]


def sweep(vedette: Any, *options: str) -> dict[str, Any]:
    text = vedette.run("reconcile", "--since", "2h", "--json", *options, code=FOUND_MISSING)
    return json.loads(text.splitlines()[0])


def test_after_a_lost_hour_every_issue_is_triaged(vedette: Any, until: Callable[..., Any]) -> None:
    (vedette.folder / "vedette.toml").touch()
    (vedette.folder / "triage.toml").write_text(RULES)
    vedette.start("up", "--lost", "1h").wait_for("webhook URL")
    with connect(socket_url(vedette.folder / "state/demonstration")) as redis:
        # A worker sweeps when it starts, and rebuilds nothing from before.
        until(lambda: redis.hget("{vedette}:reconcile:default", "last"))
    planned = sweep(vedette, "--dry-run", "--kind", "issue.created")
    lost = {one["issue"] for one in planned["missing"]}
    assert len(lost) > 10
    assert planned["kinds"]["issue.created"]["missing"] == len(lost)
    assert vedette.deliveries("--rebuilt") == []
    told = vedette.run("reconcile", "--since", "2h", "--dry-run", code=FOUND_MISSING)
    assert "missing" in told
    assert all(len(line.rstrip()) <= 80 for line in told.splitlines()), told

    done = sweep(vedette)
    assert lost <= {one["issue"] for one in done["missing"] if one["name"] == "issue.created"}
    labels = {one["issue"]: one["label"] for one in planned["missing"]}

    def all_are_handled() -> bool:
        rows = vedette.deliveries("--rebuilt", "--limit", "500")
        created = {row["issue"] for row in rows if row["action"] == "created" and row["state"] == "handled"}
        return lost <= created

    until(all_are_handled)
    now = {one["id"]: one for one in issues(vedette)}
    assert {now[issue]["priority"] for issue in lost} == {"low"}, labels
    gateway = [now[issue]["assignedTo"] for issue in lost if "PaymentGatewayError" in now[issue]["title"]]
    assert gateway
    assert None not in gateway
    # Nothing is missing any more, and nothing runs twice.
    again = json.loads(vedette.run("reconcile", "--since", "2h", "--kind", "issue.created", "--json"))
    assert (again["missing"], again["kinds"]["issue.created"]["missing"]) == ([], 0)
    rows = vedette.deliveries("--resource", "issue", "--limit", "500")
    created = [row["issue"] for row in rows if row["action"] == "created"]
    assert len(created) == len(set(created))
