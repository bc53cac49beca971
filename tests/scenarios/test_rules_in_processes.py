"""Rules through real processes: each action has its effect in each mode, once, and files are read again."""

import hashlib
import hmac
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from typer.testing import CliRunner

from console.main import app
from console.session import ask
from tests.scenarios.each_action import AUTHOR, CASES, FILES, LATEST, RULE, Case
from vedette.store.deliveries.deliveries import Deliveries
from vedette.testing.servers import served as serving

MODES = ("observe", "propose", "act")
STATE = ("status", "substatus", "statusDetails", "forReview", "priority", "assignedTo", "comments", "links", "seer")


def order(*command: str) -> str:
    """Run a command of ours in this process, which is quicker for many of them."""
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, f"{command}: {done.output} {done.exception}"
    return done.stdout


def listed(*command: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in order(*command, "--limit", "1000", "--json").splitlines()]


@contextmanager
def a_channel(told: list[str]) -> Generator[str]:
    async def take(request: Request) -> Response:
        told.append((await request.json())["title"])
        return Response("ok")

    with serving(Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])) as url:
        yield url


@dataclass
class Stage:
    """The simulated Sentry with an issue, or some, for each action and mode."""

    sentry: Any
    secret: str
    commit: str
    issues: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    told: list[str] = field(default_factory=list[str])

    def rules(self) -> str:
        made = [
            RULE.format(name=f"{name}-{mode}", on=case.on, mode=mode, then=case.then)
            for name, case in CASES.items()
            for mode in MODES
        ]
        return "\n".join(made).replace("COMMIT", self.commit)

    def play(self, name: str, case: Case, mode: str) -> None:
        """Let happen what the rule waits for."""
        report = {"project": "storefront", "type": "Odd", "value": f"{name}-{mode}", **case.report}
        if case.has_twin:
            self.sentry.create(**report, level="info", fingerprint=f"twin of {name}-{mode}")
        made = [
            self.sentry.create(**report, fingerprint=f"{name}-{mode}-{number}") for number in range(len(case.changes))
        ]
        for deed in case.deeds:
            self.sentry.do(made[0]["id"], deed)
        self.issues[f"{name}-{mode}"] = made

    def states(self, mode: str) -> dict[str, list[dict[str, Any]]]:
        """How the issues of a mode are now, as far as actions change them."""
        now = {issue["id"]: issue for issue in self.sentry.state()["issues"]}
        return {name: [_state(now.get(one["id"])) for one in self.issues[f"{name}-{mode}"]] for name in CASES}

    def changed(self, mode: str) -> dict[str, list[dict[str, Any]]]:
        """The differences from the issues that were only observed."""
        before, after = self.states("observe"), self.states(mode)
        return {
            name: [
                {key: value for key, value in new.items() if old.get(key) != value}
                for old, new in zip(before[name], after[name], strict=True)
            ]
            for name in CASES
        }

    def rotated(self, mode: str) -> dict[str, list[dict[str, Any]]]:
        """What has changed, with the turns of the rotation in the order of their names."""
        changed = self.changed(mode)
        changed["assign-rotation"].sort(key=lambda one: one.get("assignedTo") or "")
        return changed

    def wanted(self) -> dict[str, list[dict[str, Any]]]:
        wanted = {name: case.changes for name, case in CASES.items()}
        text = json.dumps(wanted).replace("COMMIT", self.commit)
        return json.loads(text)

    def unsaid(self, mode: str, lines: list[dict[str, Any]]) -> dict[str, list[str]]:
        """Of which actions these lines do not say what would be done, once for each issue."""
        wrong: dict[str, list[str]] = {}
        for name, case in CASES.items():
            found = sorted(line["intent"] for line in lines if line["because"] == f"rule {name}-{mode}")
            intent = case.intent.replace("COMMIT", self.commit).replace("NAME", f"{name}-{mode}")
            wanted = sorted(intent.format(issue["shortId"]) for issue in self.issues[f"{name}-{mode}"])
            if len(found) != len(wanted) or not all(map(fnmatchcase, found, wanted)):
                wrong[name] = found
        return wrong

    def deliveries(self, *modes: str) -> dict[str, int]:
        """The issues that rules of these modes ran on, and the end of the last run; 0 while one runs."""
        on = {issue["id"]: CASES[name].on for name, mode, issue in self.everything() if mode in modes}
        return {
            one["id"]: min(run["ended"] or 0 for run in one["runs"] if run["handler"].startswith("triage"))
            for one in listed("deliveries", "--resource", "issue")
            if on.get(one["issue"]) == f"issue.{one['action']}"
        }

    def everything(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for name in CASES:
            for mode in MODES:
                yield from ((name, mode, issue) for issue in self.issues.get(f"{name}-{mode}", []))

    def post_again(self, vedette: Any, deliveries: list[str]) -> None:
        for one in deliveries:
            stored = ask(lambda session, one=one: Deliveries(session.redis).get(one))
            headers = {
                "Sentry-Hook-Resource": stored.summary.resource,
                "Sentry-Hook-Signature": hmac.new(self.secret.encode(), stored.body, hashlib.sha256).hexdigest(),
                "Sentry-Hook-Timestamp": str(int(datetime.now(UTC).timestamp())),
            }
            answer = vedette.post(stored.body, headers)
            assert (answer.status_code, answer.json()) == (200, {"delivery": one, "duplicate": True})


def _state(issue: dict[str, Any] | None) -> dict[str, Any]:
    if issue is None:
        return {"merged": True}
    state = {name: issue[name] for name in STATE}
    until = state["statusDetails"].get("ignoreUntil")
    if until:
        hours = (datetime.fromisoformat(until) - datetime.now(UTC)).total_seconds() / 3600
        state["statusDetails"]["ignoreUntil"] = f"in {hours:.0f}h"
    state["statusDetails"].pop("actor", None)
    return state


@pytest.fixture
def stage(vedette: Any, generous: Any, secret: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A rule for each action in each mode, in force in a receiver and a worker."""
    (repository,) = generous.api("GET", "repos/")
    commit = generous.api("GET", f"repos/{repository['id']}/commits/")[0]["id"]
    entry = {"id": "a" * 40, "author_email": AUTHOR, "author_name": "Amara", "repository": repository["name"]}
    generous.api("POST", "releases/", {"version": LATEST, "projects": ["storefront"], "commits": [entry]})
    stage = Stage(generous, secret, commit)
    for number in range(4):
        busy = generous.create(project="checkout", type="Old", value=f"of Jonas, {number}")
        generous.api("PUT", f"issues/{busy['id']}/", {"assignedTo": "jonas@harbour-shop.example"})
    (vedette.folder / "triage.toml").write_text(stage.rules())
    for name, text in FILES.items():
        (vedette.folder / name).write_text(text)
    vedette.variables["VEDETTE_REDIS_URL"] = redis_url
    monkeypatch.chdir(vedette.folder)
    for name, value in vedette.environment.items():
        monkeypatch.setenv(name, value)
    with a_channel(stage.told) as url:
        (vedette.folder / "vedette.toml").write_text(f'[channels.ops]\nkind = "webhook"\nurl = "{url}"\n')
        vedette.start("up").wait_for("webhook URL")
        yield stage


def test_each_action_in_each_mode_does_what_it_says_and_only_once(
    vedette: Any, stage: Stage, until: Callable[..., Any]
) -> None:
    writes = stage.sentry.state()["writes"]

    def decided(mode: str) -> list[dict[str, Any]]:
        found = [line for line in listed("audit") if line["because"].endswith(f"-{mode}")]
        return found if len(found) >= sum(len(case.changes) for case in CASES.values()) else []

    for name, case in CASES.items():
        for mode in ("observe", "propose"):
            stage.play(name, case, mode)
    for mode, decision in (("observe", "observed"), ("propose", "proposed")):
        lines = until(lambda mode=mode: decided(mode))
        assert {line["decision"] for line in lines} == {decision}
        assert stage.unsaid(mode, lines) == {}
    assert (stage.sentry.state()["writes"], stage.told) == (writes, [])
    assert [name for name, changes in stage.changed("propose").items() if any(changes)] == []

    for name, case in CASES.items():
        stage.play(name, case, "act")
    lines = until(lambda: decided("act"))
    assert {line["decision"] for line in lines} == {"granted by the grant that comes with it"}
    assert stage.unsaid("act", lines) == {}
    until(lambda: all(line["ended"] for line in decided("act")))
    assert stage.rotated("act") == stage.wanted()
    assert stage.told == ["Odd: notify-act"]

    waiting = sorted(
        [json.loads(line) for line in order("proposals", "--json").splitlines()], key=lambda one: one["at"]
    )
    assert stage.unsaid("propose", waiting) == {}
    for one in waiting:
        order("approve", one["id"], "--by", "ann")
    assert stage.rotated("propose") == stage.wanted()
    assert stage.told == ["Odd: notify-act", "Odd: notify-propose"]
    twins = [issue["count"] for issue in stage.sentry.state()["issues"] if "merge-" in issue["title"]]
    assert sorted(twins) == [1, 1, 2, 2]

    before, writes = [stage.states(mode) for mode in MODES], stage.sentry.state()["writes"]
    deliveries = stage.deliveries("propose", "act")
    assert len(deliveries) == 2 * len(stage.deliveries("act"))
    stage.post_again(vedette, list(deliveries))
    for one in deliveries:
        order("replay", one)
    until(lambda: all(ended > deliveries[one] for one, ended in stage.deliveries("propose", "act").items()))
    assert ([stage.states(mode) for mode in MODES], stage.sentry.state()["writes"]) == (before, writes)
    assert stage.told == ["Odd: notify-act", "Odd: notify-propose"]
    assert len(decided("act")) == len(lines)
    assert order("proposals", "--json") == ""
    issue = stage.issues["priority-observe"][0]["shortId"]
    tried = [json.loads(line) for line in vedette.run("rules", "test", "--issue", issue, "--json").splitlines()]
    assert [one["rule"] for one in tried if one["verdict"] == "matches"] == ["priority-observe"]
    _rules_change(vedette, stage, until)


def _rules_change(vedette: Any, stage: Stage, until: Callable[..., Any]) -> None:
    """A bad file changes nothing and is reported; a good one is in force without a restart."""

    def handlers() -> list[dict[str, Any]]:
        return [json.loads(line) for line in order("handlers", "--json").splitlines()]

    path = vedette.folder / "triage.toml"
    patterns = next(one["patterns"] for one in handlers() if one["name"] == "triage")
    path.write_text('[[rule]]\nname = "new"\non = "issue.craeted"\nthen = [{ priority = "low" }]\n')
    triage = until(lambda: next((one for one in handlers() if one["name"] == "triage" and one["missing"]), None))
    assert "triage.toml:3:6:" in triage["missing"][0]
    assert triage["patterns"] == patterns
    path.write_text('[[rule]]\nname = "new"\non = "issue.resolved"\nthen = [{ priority = "low" }]\n')
    until(lambda: any(one["patterns"] == ["issue.resolved"] for one in handlers()))
    other = stage.issues["comment-observe"][0]["id"]
    stage.sentry.do(other, "resolve")
    until(lambda: stage.sentry.issue(other)["priority"] == "low")
