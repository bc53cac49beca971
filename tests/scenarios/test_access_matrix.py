"""Every mode with every kind of grant, and being on and off by project: many handlers under one `vedette up`."""

import json
from collections.abc import Callable
from typing import Any

MODES = ("observe", "propose", "act")
COMMENT = 'await sentry.issues.comment(event, "{name}")'
TWICE = COMMENT + '\n    await sentry.issues.comment(event, "{name} again")'
GRANTS: dict[str, tuple[str, str]] = {
    "none": ("", COMMENT),
    "scope": ('scopes = ["event:write"]', COMMENT),
    "weaker": ('scopes = ["event:read"]', COMMENT),
    "here": ('scopes = ["event:write"]\nprojects = ["store*"]', COMMENT),
    "elsewhere": ('scopes = ["event:write"]\nprojects = ["check*"]', COMMENT),
    "operation": ('scopes = ["event:write"]\noperations = ["issues.comment"]', COMMENT),
    "another": ('scopes = ["event:write"]\noperations = ["issues.update"]', COMMENT),
    "field": (
        'scopes = ["event:write"]\nfields = ["priority"]',
        'await sentry.issues.update(event, IssueUpdate(priority="low"))',
    ),
    "no_field": ('scopes = ["event:write"]\nfields = ["priority"]', "await sentry.issues.resolve(event)"),
    "hourly": ('scopes = ["event:write"]\nwrites_per_hour = 1', TWICE),
    "per_issue": ('scopes = ["event:write"]\nwrites_per_issue_per_hour = 1', TWICE),
    "paused": ('scopes = ["event:write"]', COMMENT),
}
DENIED = {
    "none": "its grant does not hold event:write",
    "weaker": "its grant does not hold event:write",
    "elsewhere": "its grant does not cover project storefront",
    "another": "its grant names other operations",
    "no_field": "its grant does not let it set status",
}
BUDGETS = {
    "hourly": "it has written 1 times within the hour, which is its budget",
    "per_issue": "which is its budget for one issue",
}
HEAD = """
from vedette import Event, Sentry, on
from vedette.api import IssueUpdate
"""
HANDLER = """
@on("issue.created", when="message:*for-{mode}*", needs=("event:write",))
async def {name}(event: Event, sentry: Sentry) -> None:
    {body}
"""
ON_AND_OFF = """
@on("error.created", "issue.created")
async def here(event: Event) -> None: ...
@on("error.created", "issue.created")
async def elsewhere(event: Event) -> None: ...
@on("error.created", "issue.created")
async def not_here(event: Event) -> None: ...
"""


def write_plugin(vedette: Any) -> None:
    code, settings = [HEAD, ON_AND_OFF], ["[access]\nwrites_per_issue_per_hour = 1000\n"]
    for mode in MODES:
        for kind, (grant, body) in GRANTS.items():
            name = f"{mode}_{kind}"
            code.append(HANDLER.format(mode=mode, name=name, body=body.format(name=name)))
            table = f"[handlers.{name}.grant]\n{grant}\n" if grant else ""
            settings.append(f'[handlers.{name}]\nmode = "{mode}"\n{table}')
    settings.append('[handlers.here]\nprojects = ["store*"]\n[handlers.elsewhere]\nprojects = ["check*"]\n')
    settings.append('[handlers.not_here]\nexcept_projects = ["store*"]\n[handlers.triage]\nenabled = false\n')
    (vedette.folder / "plugin.py").write_text("".join(code))
    (vedette.folder / "vedette.toml").write_text('plugins = ["plugin.py"]\n' + "".join(settings))


def expected(mode: str, kind: str) -> list[str]:
    """What the audit says of a handler's calls, in their order."""
    if kind in DENIED:
        return [f"denied: {DENIED[kind]}"]
    if mode != "act":
        return ["observed" if mode == "observe" else "proposed"] * (2 if kind in BUDGETS else 1)
    granted = f"granted by [handlers.act_{kind}.grant]"
    if kind in BUDGETS:
        return [granted, BUDGETS[kind]]
    return ["paused by ann"] if kind == "paused" else [granted]


def test_every_mode_with_every_grant_does_what_it_says(vedette: Any, served: Any, until: Callable[..., Any]) -> None:
    write_plugin(vedette)
    vedette.start("up").wait_for("webhook URL")
    for mode in MODES:
        vedette.run("pause", f"{mode}_paused", "--by", "ann")
    issues = {mode: served.create(project="storefront", type="Error", value=f"odd for-{mode}") for mode in MODES}

    def settled() -> list[dict[str, Any]]:
        found = vedette.deliveries("--resource", "issue", "--limit", "200")
        created = [one for one in found if one["action"] == "created"]
        return found if len(created) == len(MODES) and all(one["finished"] for one in found) else []

    until(settled)
    told: dict[str, list[str]] = {}
    for line in reversed(vedette.run("audit", "--json", "--limit", "500").splitlines()):
        entry = json.loads(line)
        if not entry["event"]:
            # A person's order, which no delivery caused.
            continue
        told.setdefault(entry["handler"], []).append(entry["decision"])
    for mode in MODES:
        for kind in GRANTS:
            decisions = told.pop(f"{mode}_{kind}")
            for decision, wanted in zip(decisions, expected(mode, kind), strict=True):
                assert wanted in decision, (mode, kind, decisions)
    assert told == {}

    sent = [name for name in GRANTS if name not in DENIED and name not in {"paused", "field"}]
    assert sorted(served.issue(issues["act"]["id"])["comments"]) == sorted(f"act_{name}" for name in sent)
    assert served.issue(issues["act"]["id"])["priority"] == "low"
    for mode in ("observe", "propose"):
        state = served.issue(issues[mode]["id"])
        assert (state["comments"], state["status"], state["priority"]) == ([], "unresolved", "high")

    for delivery in (settled()[0], vedette.deliveries("--resource", "error")[0]):
        assert [run["handler"] for run in delivery["runs"] if run["handler"] in ("here", "elsewhere", "not_here")] == [
            "here"
        ]
        explained = vedette.run("explain", delivery["id"])
        assert 'elsewhere was left out: it is not on for project storefront (projects = ["check*"])' in explained
        assert 'not_here was left out: it is off for project storefront (except_projects = ["store*"])' in explained
