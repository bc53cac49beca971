"""What an operator types beside a running Vedette: what happens is shown, explained, stopped and sent again."""

import json
import re
from collections.abc import Callable
from typing import Any


def test_a_webhook_is_sent_followed_shown_and_sent_again(vedette: Any, until: Callable[..., Any]) -> None:
    vedette.start("up", "--json")
    until(vedette.is_ready)
    until(lambda: "triage" in vedette.run("handlers"))
    # Another port in the settings of this shell: the running receiver is found all the same.
    port, vedette.port = vedette.port, 1
    followed = vedette.start("deliveries", "-f", "--issue", "FERRY-API-4K", "--json", "--limit", "1")
    sent = json.loads(vedette.run("trigger", "issue.created", "--set", "level=fatal", "--json", "--wait", "60s"))
    assert sent["url"].endswith(f":{port}/hooks/default")
    assert (sent["status"], sent["state"]) == (202, "handled")
    assert sent["runs"][0]["handler"] == "triage"
    shown = json.loads(followed.wait_for(sent["delivery"]))
    assert shown["label"] == "FERRY-API-4K"
    followed.end()
    assert sent["delivery"] in vedette.run("explain", "FERRY-API-4K")
    raw = vedette.run("show", sent["delivery"], "--raw")
    assert json.loads(raw)["data"]["issue"]["level"] == "fatal"
    (vedette.folder / "fixture.json").write_text(raw)
    again = json.loads(vedette.run("trigger", "--body", "fixture.json", "--json", "--wait", "60s"))
    assert again["delivery"] != sent["delivery"]
    assert again["state"] == "handled"

    vedette.run("disable", "triage")
    waiting = json.loads(vedette.run("trigger", "--from", sent["delivery"], "--json", "--wait", "60s"))
    assert [run["state"] for run in waiting["runs"]] == ["waiting"]
    assert re.fullmatch(r"Enabled triage\. [0-9]+ runs? goe?s? on\.\n", vedette.run("enable", "triage"))
    until(lambda: "done" in vedette.run("runs", "--json", "--issue", "FERRY-API-4K", "--limit", "1"))
