"""Rules through real processes: each action does what it says in each mode, once, and files are read again."""

import json
from collections.abc import Callable
from typing import Any

RULE = '[[rule]]\nname = "{name}"\non = "issue.created"\nwhen = \'title:"*{name}"\'\nmode = "{mode}"\nthen = [{then}]\n'
ACTIONS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "resolve": ('{ resolve = "now" }', lambda issue: issue["status"] == "resolved"),
    "archive": ('{ archive = "until escalating" }', lambda issue: issue["substatus"] == "archived_until_escalating"),
    "assign": ('{ assign = "ann@harbour.example" }', lambda issue: bool(issue["assignedTo"])),
    "priority": ('{ priority = "low" }', lambda issue: issue["priority"] == "low"),
    "comment": ('{ comment = "{{ issue.short_id }} seen" }', lambda issue: len(issue["comments"]) == 1),
}
MODES = ("observe", "propose", "act")


def rows(vedette: Any, *command: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in vedette.run(*command, "--json").splitlines()]


def test_each_action_in_each_mode_once_and_rules_that_change(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    names = {f"{action}-{mode}": (action, mode) for action in ACTIONS for mode in MODES}
    rules = "".join(
        RULE.format(name=name, mode=mode, then=ACTIONS[action][0]) for name, (action, mode) in names.items()
    )
    path = vedette.folder / "triage.toml"
    path.write_text(rules.replace("ann@harbour.example", "#storefront"))
    up = vedette.start("up")
    up.wait_for("webhook URL")
    issues = {name: served.create(project="storefront", type="Odd", value=name, fingerprint=name) for name in names}
    until(lambda: len(rows(vedette, "audit")) == len(names))
    states = {name: served.issue(issue["id"]) for name, issue in issues.items()}
    assert {name for name, (action, _) in names.items() if ACTIONS[action][1](states[name])} == {
        name for name, (_, mode) in names.items() if mode == "act"
    }
    audit = {line["because"].removeprefix("rule "): line for line in rows(vedette, "audit")}
    assert {name: audit[name]["decision"] for name in names} == {
        name: {"observe": "observed", "propose": "proposed", "act": "granted by the grant that comes with it"}[mode]
        for name, (_, mode) in names.items()
    }

    deliveries = {one["issue"]: one["id"] for one in vedette.deliveries("--resource", "issue", "--handler", "triage")}
    for name in ("comment-act", "assign-act"):
        vedette.run("replay", deliveries[issues[name]["id"]])
        again = until(lambda name=name: _run_again(vedette, deliveries[issues[name]["id"]]))
        assert "already" in " ".join(again["did"]), again
        assert served.issue(issues[name]["id"]) == states[name]
    assert len(rows(vedette, "audit")) == len(names)

    path.write_text('[[rule]]\nname = "new"\non = "issue.craeted"\nthen = [{ priority = "low" }]\n')
    triage = until(lambda: next((one for one in rows(vedette, "handlers") if one["missing"]), None))
    assert "triage.toml:3:6:" in triage["missing"][0]
    assert triage["patterns"] == ["issue.created"]
    path.write_text('[[rule]]\nname = "new"\non = "issue.resolved"\nthen = [{ priority = "low" }]\n')
    until(lambda: any(one["patterns"] == ["issue.resolved"] for one in rows(vedette, "handlers")))
    other = issues["comment-observe"]["id"]
    served.do(other, "resolve")
    until(lambda: served.issue(other)["priority"] == "low")


def _run_again(vedette: Any, delivery: str) -> dict[str, Any] | None:
    (found,) = [one for one in vedette.deliveries("--resource", "issue") if one["id"] == delivery]
    runs = [run for run in found["runs"] if run["handler"] == "triage" and run["state"] == "done"]
    return next((run for run in runs if any("already" in line for line in run["did"])), None)
