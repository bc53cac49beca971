"""What handlers may do, on real processes: grants, modes, proposals, pauses, the audit, and taking back."""

import json
from collections.abc import Callable
from typing import Any

import pytest

HANDLER = """
@on("issue.created", needs={needs})
async def {name}(event: Event, sentry: Sentry) -> None:
    await sentry.issues.comment(event.issue_id, "{name} was here")
"""
HEAD = "from vedette import Event, Sentry, on\n"
GRANTED = '[handlers.{name}]\nmode = "{mode}"\n[handlers.{name}.grant]\nscopes = ["event:write"]\n'


def write_plugin(vedette: Any, handlers: str, settings: str) -> None:
    (vedette.folder / "plugin.py").write_text(HEAD + handlers)
    disabled = "[handlers.triage]\nenabled = false\n" if "handlers.triage" not in settings else ""
    (vedette.folder / "vedette.toml").write_text(f'plugins = ["plugin.py"]\n{settings}\n{disabled}')


def rows(vedette: Any, *command: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in vedette.run(*command, "--json").splitlines()]


def test_each_mode_with_and_without_a_grant_does_what_it_says(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    modes = ("act", "propose", "observe")
    names = {f"{mode}_{kind}": mode for mode in modes for kind in ("granted", "denied", "unstated")}
    handlers = "".join(
        HANDLER.format(name=name, needs="()" if "unstated" in name else '("event:write",)') for name in names
    )
    settings = "".join(
        f'[handlers.{name}]\nmode = "{mode}"\n' if "denied" in name else GRANTED.format(name=name, mode=mode)
        for name, mode in names.items()
    )
    write_plugin(vedette, handlers, settings)
    vedette.start("up").wait_for("webhook URL")
    issue = served.create(project="storefront", type="Error", value="odd")
    until(lambda: len(rows(vedette, "audit")) == 9)
    until(lambda: {one["state"] for one in vedette.deliveries("--resource", "issue")} == {"failed"})
    assert served.issue(issue["id"])["comments"] == ["act_granted was here"]
    found = {line["handler"]: line for line in rows(vedette, "audit")}
    assert found["act_granted"]["decision"] == "granted by [handlers.act_granted.grant]"
    assert found["act_granted"]["status"] == 201
    assert found["observe_granted"]["decision"] == "observed"
    assert found["propose_granted"]["decision"] == "proposed"
    for name in names:
        assert found[name]["decision"].startswith("denied") is ("granted" not in name)
        assert found[name]["intent"] == (
            f"commented on {issue['shortId']}" if "granted" in name else found[name]["intent"]
        )
    (delivery,) = vedette.deliveries("--resource", "issue")
    errors = {run["handler"]: run["error"] for run in delivery["runs"]}
    assert 'scopes = ["event:write"]` under [handlers.act_denied.grant] in vedette.toml' in errors["act_denied"]
    assert '@on(..., needs=("event:write",))' in errors["act_unstated"]
    listed = {one["name"]: one for one in rows(vedette, "handlers")}
    assert listed["act_granted"]["missing"] == []
    assert "event:write" in listed["act_denied"]["missing"][0]
    assert listed["act_denied"]["calls"]["denied"] == 1
    assert "may" in vedette.run("handlers")


def test_a_proposal_is_sent_once_a_person_says_yes_and_dropped_at_a_no(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    handler = (
        '@on("issue.created", needs=("event:write",))\n'
        "async def calm(event: Event, sentry: Sentry) -> None:\n"
        '    await sentry.issues.set_priority(event.issue_id, "low")\n'
    )
    write_plugin(vedette, handler, GRANTED.format(name="calm", mode="propose"))
    vedette.start("up").wait_for("webhook URL")
    issues = [served.create(project="storefront", type="Error", value=f"odd {number}") for number in range(3)]
    until(lambda: len(rows(vedette, "proposals")) == 3)
    by_issue = {one["issues"][0]: one["id"] for one in rows(vedette, "proposals")}
    assert "would have set priority of" in vedette.run("proposals")
    first, second, third = (by_issue[issue["id"]] for issue in issues)
    assert "Done: set priority" in vedette.run("approve", first, "--by", "ann")
    assert served.issue(issues[0]["id"])["priority"] == "low"
    assert "Rejected" in vedette.run("reject", second, "--by", "ann")
    assert "approved by ann already" in vedette.run("approve", first, code=1)
    assert "rejected by ann already" in vedette.run("approve", second, code=1)
    assert "no proposal" in vedette.run("approve", "nonsense", code=1)
    until(lambda: served.issue(issues[2]["id"])["priority"] != "low")
    served.set_priority(issues[2]["id"], "medium" if served.issue(issues[2]["id"])["priority"] == "high" else "high")
    assert "was changed since (priority)" in vedette.run("approve", third, code=1)
    decisions = {line["decision"] for line in rows(vedette, "audit")}
    assert decisions == {"proposed", "approved by ann", "rejected by ann"}
    assert rows(vedette, "proposals") == []


def test_a_pause_stops_writes_at_once_and_the_audit_reads_as_english_and_can_be_taken_back(
    vedette: Any, served: Any, until: Callable[..., Any], redis_url: str, connect: Callable[[str], Any]
) -> None:
    vedette.variables["VEDETTE_REDIS_URL"] = redis_url
    vedette.start("up").wait_for("webhook URL")
    issue = served.create(project="storefront", type="Error", value="ResizeObserver loop limit exceeded")
    until(lambda: served.issue(issue["id"])["status"] == "ignored")
    until(lambda: rows(vedette, "audit")[0]["status"] == 200)
    (line,) = rows(vedette, "audit")
    assert line["intent"] == f"archived {issue['shortId']} until it escalates"
    assert (line["handler"], line["event"], line["before"]["status"]) == ("triage", "issue.created", "unresolved")
    assert f"archived {issue['shortId']} until it escalates" in vedette.run("audit")
    assert "none changed or missing" in vedette.run("audit", "verify")

    vedette.run("pause", "--by", "ann")
    other = served.create(project="storefront", type="Error", value="Extension context invalidated")
    until(lambda: any(one["decision"] == "paused by ann" for one in rows(vedette, "audit", "--handler", "triage")))
    assert served.issue(other["id"])["status"] == "unresolved"
    assert "paused by ann" in vedette.run("handlers")

    assert "reopened" in vedette.run("undo", str(line["entry"]), "--by", "ann")
    assert served.issue(issue["id"])["status"] == "unresolved"
    assert "changed since" in vedette.run("undo", str(line["entry"]), code=1)
    vedette.run("resume")
    found = [one["decision"] for one in rows(vedette, "audit", "--issue", issue["shortId"])]
    assert found == [f"undone by ann (entry {line['entry']})", "granted by the grant that comes with it"]

    told = vedette.run("audit", "verify")
    newest = told.partition("Newest entry: ")[2].split()[0]
    assert "none changed" in vedette.run("audit", "verify", "--expect", newest)
    exported = [json.loads(entry) for entry in vedette.run("audit", "export").splitlines()]
    assert [entry["number"] for entry in exported] == list(range(1, len(exported) + 1))
    with connect(redis_url) as client:
        place, fields = client.xrange("{vedette}:audit")[0]
        altered = fields[b"entry"].replace(b"triage", b"nobody")
        later = client.xrange("{vedette}:audit", min=b"(" + place)
        client.delete("{vedette}:audit")
        client.xadd("{vedette}:audit", {**fields, b"entry": altered}, id=place)
        for name, kept in later:
            client.xadd("{vedette}:audit", kept, id=name)
    assert "entry 1 was changed" in vedette.run("audit", "verify", code=1)


def test_two_handlers_that_undo_each_other_stop_after_the_budget_with_one_clear_message(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    handlers = (
        '@on("issue.created", "issue.unresolved", needs=("event:write",), echoes=True)\n'
        "async def shuts(event: Event, sentry: Sentry) -> None:\n    await sentry.issues.resolve(event.issue_id)\n\n\n"
        '@on("issue.resolved", needs=("event:write",), echoes=True)\n'
        "async def opens(event: Event, sentry: Sentry) -> None:\n    await sentry.issues.unresolve(event.issue_id)\n"
    )
    settings = "".join(GRANTED.format(name=name, mode="act") for name in ("shuts", "opens"))
    write_plugin(vedette, handlers, f"{settings}[access]\nwrites_per_issue_per_hour = 6\n")
    vedette.variables["VEDETTE_RECEIVER__DEDUPLICATION_WINDOW"] = "0.05"
    up = vedette.start("up")
    up.wait_for("webhook URL")
    issue = served.create(project="storefront", type="Error", value="odd")
    line = up.wait_for("handlers have changed")
    assert f"changed {issue['shortId']} 6 times within the hour" in line
    assert "vedette audit --issue" in line
    until(lambda: {one["state"] for one in vedette.deliveries("--resource", "issue")} <= {"handled", "failed"})
    tries = rows(vedette, "audit", "--issue", issue["id"])
    assert [one["decision"].startswith("denied") for one in tries] == [True] + [False] * 6
    assert sum("handlers have changed" in told for told in up.output) == 1


def test_the_echo_of_a_write_reaches_only_handlers_that_ask_for_it_and_what_people_do_reaches_all(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    handlers = (
        '@on("issue.created", needs=("event:write",))\n'
        "async def shuts(event: Event, sentry: Sentry) -> None:\n    await sentry.issues.resolve(event.issue_id)\n\n\n"
        '@on("issue.resolved", when="is:resolved")\nasync def hears(event: Event) -> None: ...\n\n\n'
        '@on("issue.resolved", echoes=True)\nasync def hears_all(event: Event) -> None: ...\n'
    )
    write_plugin(vedette, handlers, GRANTED.format(name="shuts", mode="act"))
    # The simulated issue resolved twice is the same body twice, which counts as a repetition within the window.
    vedette.variables["VEDETTE_RECEIVER__DEDUPLICATION_WINDOW"] = "0.05"
    vedette.start("up").wait_for("webhook URL")
    issue = served.create(project="storefront", type="Error", value="odd")

    def resolutions() -> list[list[str]]:
        found = [one for one in vedette.deliveries("--resource", "issue") if one["action"] == "resolved"]
        return [sorted(run["handler"] for run in one["runs"]) for one in found if one["finished"]]

    until(lambda: resolutions() == [["hears_all"]])
    served.do(issue["id"], "unresolve")
    served.do(issue["id"], "resolve")
    until(lambda: resolutions() == [["hears", "hears_all"], ["hears_all"]])
    echo = [one for one in vedette.deliveries("--resource", "issue") if one["action"] == "resolved"][-1]
    told = vedette.run("explain", echo["id"])
    assert "hears was left out: it is the echo of what shuts did" in told
    assert "shuts was left out: it asks for issue.created" in told
    assert "hears_all (observe) was chosen: done" in told


def test_explain_says_why_nothing_happened(vedette: Any, served: Any, until: Callable[..., Any]) -> None:
    handler = '@on("issue.created", when="level:fatal")\nasync def alarm(event: Event) -> None: ...\n'
    write_plugin(vedette, handler, "")
    vedette.start("up").wait_for("webhook URL")
    served.create(project="storefront", type="Error", value="odd")
    until(lambda: [one["state"] for one in vedette.deliveries("--resource", "issue")] == ["unhandled"])
    (delivery,) = vedette.deliveries("--resource", "issue")
    told = vedette.run("explain", delivery["id"])
    assert "nothing happened: no handler was chosen" in told
    assert "alarm was left out: when='level:fatal' does not hold" in told
    assert "alarm" in json.loads(vedette.run("explain", delivery["id"], "--json"))["left_out"]
    assert "there is no delivery" in vedette.run("explain", "nonsense", code=1)


@pytest.mark.parametrize("command", [("undo",), ("undo", "1", "--handler", "x"), ("audit", "--since", "long")])
def test_wrong_usage_ends_with_two(vedette: Any, command: tuple[str, ...]) -> None:
    vedette.run(*command, code=2)
