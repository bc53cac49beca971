"""`vedette rules backtest` on a simulated organization with known outcomes, as real processes.

With VEDETTE_FULL=1 the organization has 100 000 issues, which takes ten minutes.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from vedette._core.ids import new_identifier
from vedette.events import samples
from vedette.simulator import World
from vedette.simulator.demo.history import GroundTruth, seed_history
from vedette.simulator.demo.shop import build_shop
from vedette.store.server.keys import DELIVERIES, delivery_key

Until = Callable[..., Any]
IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
ISSUES = 100_000 if IN_FULL else 1_000
PAGE = Path(__file__).parents[2] / "docs" / "backtest.md"
MOST_MEMORY = 300 * 1024
"""KiB."""
AT_ONCE = 12


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@dataclass
class Organization:
    """An installation with rules, and the simulated organization that it serves."""

    vedette: Any
    url: str
    truth: GroundTruth

    def state(self) -> dict[str, Any]:
        return httpx2.get(f"{self.url}/_simulator/state?issues=0", trust_env=False, timeout=60).json()

    def calls(self) -> int:
        return int(self.state()["calls"])

    def backtest(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.vedette.run("rules", "backtest", "--json", *arguments).splitlines()]


def organization(vedette: Any, issues: int) -> Organization:
    vedette.variables |= {
        "VEDETTE_CLIENT_SECRET": "client-secret-of-the-tests",
        "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
        "VEDETTE_ORGANIZATION": "harbour-shop",
    }
    process = vedette.start("simulate", "--past", str(issues), "--quiet", "--json", "--port", "0")
    url = json.loads(process.wait_for("url", 120))["url"]
    vedette.variables["VEDETTE_SENTRY_URL"] = url
    (vedette.folder / "triage.toml").write_text(blocks("toml")[0])
    world = World(seed=1)
    build_shop(world)
    return Organization(vedette, url, seed_history(world, issues, seed=1))


def by_rule(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {line["rule"]: line for line in lines if line["kind"] == "rule"}


def check_truth(lines: list[dict[str, Any]], truth: GroundTruth) -> None:
    rules = by_rule(lines)
    for name, habit in truth.habits.items():
        found = rules[name]
        counted = tuple(found[key] for key in ("agreed", "disagreed", "nobody", "already", "unclear"))
        assert counted == (habit.agreed, habit.disagreed, habit.nobody, 0, 0), name
        share = habit.agreed / (habit.agreed + habit.disagreed)
        assert found["agreement"] == pytest.approx(share, abs=1e-4)
        assert found["agreement_low"] <= share <= found["agreement_high"]
        told = [line for line in lines if line["kind"] == "disagreement" and line["rule"] == name]
        assert len(told) == min(habit.disagreed, 1000)
    assert (rules["safari"]["matches"], rules["safari"]["agreement"]) == (truth.safari, None)


@pytest.mark.alone
@pytest.mark.timeout(3000 if IN_FULL else 600)
def test_it_finds_the_truth_over_kills_and_stays_within_limits_and_memory(
    vedette: Any, redis_url: str, until: Until
) -> None:
    vedette.variables["VEDETTE_REDIS_URL"] = redis_url
    there = organization(vedette, ISSUES)
    # Killed while it takes pages, and while it reads histories.
    for calls in (4, ISSUES // 100 + 20):
        process = vedette.start("rules", "backtest", "--json")
        until(lambda least=calls: there.calls() >= least, 900)
        assert process.end(signal.SIGKILL) == -signal.SIGKILL
    lines, memory = measured(vedette)
    check_truth(lines, there.truth)
    trial = lines[0]
    assert trial["issues"] == there.truth.issues == ISSUES
    assert trial["events"]["issue.created"] == ISSUES
    assert memory < MOST_MEMORY, f"{memory} KiB"
    # Pages, teams, histories of the 12 in 100 that a rule may concern, events of the 2 that one must look into.
    needed = ISSUES // 100 + 1 + ISSUES * 12 // 100 + ISSUES * 2 // 100
    state = there.state()
    assert state["limited"] == 0
    # Each kill may cost a page, or what was in flight; nothing else is asked twice.
    assert needed <= state["calls"] <= needed + 2 * AT_ONCE
    again, _ = measured(vedette)
    assert again[0]["calls_made"] == 0
    assert there.calls() == state["calls"]
    assert [trial | {"calls_made": 0}, *lines[1:]] == again


def measured(vedette: Any) -> tuple[list[dict[str, Any]], int]:
    """Run a backtest to its end; return its output and its peak memory, in KiB."""
    output, memory = vedette.folder / "lines", 0
    command = [sys.executable, "-m", "console", "rules", "backtest", "--json"]
    with output.open("w") as stream:
        process = subprocess.Popen(command, cwd=vedette.folder, env=vedette.environment, stdout=stream)
    # What the kernel accounts to an ended child counts this process's own memory too, from before the exec.
    while process.poll() is None:
        told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        memory = int(told[1]) if told else memory
        time.sleep(0.02)
    assert process.returncode == 0
    return [json.loads(line) for line in output.read_text().splitlines()], memory


def test_the_commands_of_its_page_work_as_written(vedette: Any) -> None:
    commands = [line.split()[1:] for block in blocks("sh") for line in block.splitlines()]
    assert commands[0] == ["simulate", "--past", "300", "--quiet"]
    there = organization(vedette, 300)
    quick = there.backtest("--quick")
    assert quick[0]["histories_not_read"] > 0
    # What was archived and taken back looks untouched.
    assert by_rule(quick)["noise"]["disagreed"] == 0 < there.truth.habits["noise"].disagreed
    said = there.vedette.run(*commands[1])
    assert re.search(r"^payments +12 ", said, re.MULTILINE)
    assert "<svg" in (vedette.folder / "report.html").read_text()
    assert len(list((vedette.folder / "state" / "backtest").iterdir())) == 1
    vedette.run(*commands[2])
    assert list((vedette.folder / "state" / "backtest").iterdir()) == []
    # No Redis runs here.
    assert "is `vedette up` running here?" in vedette.run(*commands[3], code=1)


@pytest.mark.parametrize("command", ["backtest", "suggest"])
def test_a_project_that_sentry_has_not_is_refused_with_the_nearest(command: str, vedette: Any) -> None:
    organization(vedette, 10)
    said = vedette.run("rules", command, "--project", "paymnets-api", code=2)
    assert "there is no project paymnets-api: did you mean payments-api?" in said


def test_filters_for_issues_are_refused_where_deliveries_are_tried(vedette: Any) -> None:
    assert "leave them out" in vedette.run("rules", "backtest", "--deliveries", "--project", "payments", code=2)


def test_rules_that_cannot_be_read_are_told_at_their_place(vedette: Any) -> None:
    (vedette.folder / "triage.toml").write_text('[[rule]]\nname = "odd"\non = ["issue.created"]\nwhen = "level:"\n')
    vedette.variables |= {"VEDETTE_CLIENT_SECRET": "s" * 32, "VEDETTE_TOKEN": "t" * 64, "VEDETTE_ORGANIZATION": "acme"}
    assert "triage.toml:4:" in vedette.run("rules", "backtest", code=2)


def test_recorded_deliveries_are_tried_as_they_came(
    vedette: Any, redis_url: str, connect: Callable[[str], Any]
) -> None:
    vedette.variables["VEDETTE_REDIS_URL"] = redis_url
    there = organization(vedette, 100)
    issue = httpx2.post(
        f"{there.url}/_simulator/issues", json={"project": "orders", "type": "Odd", "value": "x"}, trust_env=False
    ).json()["issue"]
    for resource, sample in (("issue", "issue.created"), ("error", "error.created"), ("issue", "no JSON")):
        body = b"no JSON" if sample == "no JSON" else body_about(sample, issue["id"])
        record(connect(redis_url), resource, body, quarantined=sample == "no JSON")
    httpx2.post(f"{there.url}/_simulator/issues/{issue['id']}", json={"do": "resolve"}, trust_env=False)
    (vedette.folder / "triage.toml").write_text(
        '[[rule]]\nname = "errors"\non = ["error.*"]\nthen = [{ priority = "high" }]\n'
        '[[rule]]\nname = "resolve"\non = ["issue.created"]\nwhen = "is:unresolved"\nthen = [{ resolve = "now" }]\n'
    )
    lines = there.backtest("--deliveries", "--since", "1d")
    assert (lines[0]["source"], lines[0]["events"]) == ("deliveries", {"error.created": 1, "issue.created": 1})
    rules = by_rule(lines)
    assert (rules["errors"]["matches"], rules["errors"]["nobody"]) == (1, 1)
    assert (rules["resolve"]["matches"], rules["resolve"]["agreed"]) == (1, 1)


def test_without_files_the_rules_in_force_are_tried_and_bodies_that_none_asks_for_are_not_read(
    vedette: Any, redis_url: str, connect: Callable[[str], Any]
) -> None:
    vedette.variables["VEDETTE_REDIS_URL"] = redis_url
    there, client = organization(vedette, 100), connect(redis_url)
    (vedette.folder / "own.toml").write_text(
        '[[rule]]\nname = "errors"\non = ["error.*"]\nthen = [{ priority = "high" }]\n'
    )
    (vedette.folder / "vedette.toml").write_text('[handlers.triage]\nfiles = ["own.toml"]\n')
    for resource in ("error", "issue"):
        record(client, resource, body_about(f"{resource}.created", "1"), quarantined=False)
    client.config_resetstat()
    lines = there.backtest("--deliveries", "--since", "1d")
    assert lines[0]["events"] == {"error.created": 1}
    assert list(by_rule(lines)) == ["errors"]
    # One body was read whole; the other's delivery only in short.
    assert client.info("commandstats")["cmdstat_hgetall"]["calls"] == 1


def body_about(sample: str, issue: str) -> bytes:
    """A sample's body that is about another issue."""
    body = samples.load(sample)
    data: dict[str, Any] = body["data"]
    if "issue" in data:
        data["issue"]["id"] = issue
    else:
        data["error"]["issue_id"] = issue
    return samples.wire(body)


def record(client: Any, resource: str, body: bytes, *, quarantined: bool) -> None:
    """Store a delivery of a moment ago."""
    moment = time.time_ns() // 1_000_000 - 10_000
    delivery = new_identifier(moment)
    fields = {"resource": resource, "action": "created", "accepted": moment, "body": body}
    client.hset(delivery_key(delivery), mapping=fields | ({"state": "quarantined"} if quarantined else {}))
    client.zadd(DELIVERIES, {delivery: moment})
